import * as tf from '@tensorflow/tfjs';
import type { Value } from '../encoder/onnx-graph.js';
import { CompileError } from './compile-error.js';
import { kernels } from './kernels.js';
import { type Operand, TracedGraph, type TypedValues } from './traced-graph.js';

const NAME = 'anomclip-trace';

/**
 * Records what a function computes with tensors. While it runs, TensorFlow.js's backend is one that computes nothing and
 * adds nodes to a graph; gradients are recorded too, since they are computed with the same operations.
 *
 * @param body - Not asynchronous: nothing else may run on that backend.
 * @throws {@link CompileError} when an operation has no counterpart in the graph, or a value is read.
 */
export function trace<T>(body: (backend: TraceBackend) => T): T {
  if (tf.findBackendFactory(NAME) === null) register();
  const previous = tf.getBackend();
  if (previous === NAME) throw new CompileError('compiled training: the loss must not compile another one');
  void tf.setBackend(NAME); // done when it returns: the promise is for backends that load
  const backend = tf.backend() as TraceBackend;
  backend.reset();
  try {
    return body(backend);
  } catch (error) {
    throw withMissingKernel(error);
  } finally {
    backend.reset();
    void tf.setBackend(previous);
  }
}

/** A backend of TensorFlow.js whose tensors are values of a graph. */
export class TraceBackend extends tf.KernelBackend {
  graph = new TracedGraph();
  readonly #tensors = new Map<object, { operand: () => Operand; references: number }>();
  readonly #foreign = new Map<object, Operand>();

  /** Forgets what was traced before. */
  reset(): void {
    this.graph = new TracedGraph();
    this.#tensors.clear();
    this.#foreign.clear();
  }

  /** A tensor that stands for what the graph computes. @param operand - Asked once, when it is used. */
  tensor<R extends tf.Rank>(
    operand: () => Operand,
    { shape, dtype }: { readonly shape: readonly number[]; readonly dtype: tf.DataType },
  ): tf.Tensor<R> {
    const info = this.make(operand, shape, dtype);
    return tf.engine().makeTensorFromTensorInfo(info, this) as tf.Tensor<R>;
  }

  /** As {@link TraceBackend.tensor}, for the result of a kernel. */
  make(operand: () => Operand, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    const dataId = {};
    let known: Operand | undefined;
    this.#tensors.set(dataId, { operand: () => (known ??= operand()), references: 1 });
    return { dataId, shape: [...shape], dtype };
  }

  /** What stands for a tensor, whose shape it may have to be broadcast to. */
  operand(tensor: tf.TensorInfo): Operand {
    const own = this.#tensors.get(tensor.dataId);
    if (own) return own.operand();
    const known = this.#foreign.get(tensor.dataId);
    if (known) return known;
    if (tensor instanceof tf.Variable) {
      throw new CompileError(
        `compiled training: the loss uses a variable ${tensor.name} [${tensor.shape}] that is not in the task's state, so its value would be frozen; add it to the state`,
      );
    }
    return this.foreignOperand(tensor);
  }

  /** A value that has the tensor's shape. */
  value(tensor: tf.TensorInfo): Value {
    const { value, shape } = this.operand(tensor);
    if (shape.join() === tensor.shape.join()) return value;
    const expanded = {
      value: this.graph.add('Expand', [value, this.graph.integers(tensor.shape)]),
      shape: tensor.shape,
    };
    const own = this.#tensors.get(tensor.dataId);
    if (own) own.operand = () => expanded;
    return expanded.value;
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object {
    const constant = () => this.graph.constant(values as TypedValues, shape, dtype);
    return this.make(constant, shape, dtype).dataId;
  }

  override incRef(dataId: object): void {
    const own = this.#tensors.get(dataId);
    if (own) own.references++;
    else holderOf(dataId)?.incRef(dataId);
  }

  override refCount(dataId: object): number {
    return this.#tensors.get(dataId)?.references ?? 0;
  }

  override disposeData(dataId: object, force = false): boolean {
    const own = this.#tensors.get(dataId);
    if (own && --own.references > 0 && !force) return false;
    this.#tensors.delete(dataId);
    return true;
  }

  override numDataIds(): number {
    return this.#tensors.size;
  }

  override read(): Promise<tf.BackendValues> {
    throw this.cannotRead();
  }

  override readSync(): tf.BackendValues {
    throw this.cannotRead();
  }

  override move(): void {
    throw new CompileError('compiled training: a tensor that the loss computes cannot change its backend');
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override dispose(): void {
    this.#tensors.clear();
  }

  private cannotRead(): CompileError {
    return new CompileError(
      'compiled training: the loss reads the value of a tensor, which is not known while it is compiled; read it in batch, or train without compiled gradients',
    );
  }

  /** A frozen tensor of the backend that the application computes with. It stays there. */
  private foreignOperand(tensor: tf.TensorInfo): Operand {
    const { dataId } = tensor;
    const holder = holderOf(dataId);
    if (!holder || holder === this) {
      throw new CompileError(
        'compiled training: the loss keeps a tensor from one step to the next; make it in batch, or before training',
      );
    }
    const operand = this.graph.foreignConstant(
      tensor,
      async () => (await holder.read(dataId)) as TypedValues,
    );
    this.#foreign.set(dataId, operand);
    return operand;
  }
}

/** The backend that has a tensor's values. */
function holderOf(dataId: object): tf.KernelBackend | undefined {
  return tf.engine().state.tensorInfo.get(dataId)?.backend as tf.KernelBackend | undefined;
}

function register(): void {
  // No priority: it is never chosen by itself.
  tf.registerBackend(NAME, () => new TraceBackend(), 0);
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    tf.registerKernel({
      kernelName,
      backendName: NAME,
      kernelFunc: ({ inputs, attrs, backend }) =>
        kernel({
          backend: backend as TraceBackend,
          inputs: inputs as Record<string, tf.TensorInfo>,
          attrs: attrs as never, // each kernel knows its own
        }),
    });
  }
}

/** TensorFlow.js's own error does not say what to do. */
function withMissingKernel(error: unknown): unknown {
  const message = error instanceof Error ? error.message : '';
  const [, name] = /[Kk]ernel '(\w+)'.* for backend 'anomclip-trace'/.exec(message) ?? [];
  if (name === undefined) return error;
  return new CompileError(
    `compiled training: the operation ${name} cannot be compiled; compute it in batch, or train without compiled gradients`,
    { cause: error },
  );
}
