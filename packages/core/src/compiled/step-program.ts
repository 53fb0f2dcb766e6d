import * as tf from '@tensorflow/tfjs';
import type { OnnxArrays, OnnxRuntime, OnnxSession } from '../encoder/onnx-runtime.js';
import type { StepGradients } from '../training/gradient-source.js';
import type { ModelState } from '../training/model-state.js';
import { CompileError } from './compile-error.js';
import { elementType } from './traced-graph.js';
import type { TracedStep } from './traced-step.js';

/** A compiled training step, loaded. */
export class StepProgram {
  private constructor(
    private readonly ort: OnnxRuntime,
    private readonly session: OnnxSession,
    private readonly inputs: readonly string[],
    private readonly outputs: readonly string[],
  ) {}

  /** @throws {@link CompileError} when the runtime refuses the graph. */
  static async load(
    ort: OnnxRuntime,
    { graph, inputs, outputs }: TracedStep,
    options: Record<string, unknown>,
  ): Promise<StepProgram> {
    const { graph: bytes, externalData } = await graph.write();
    try {
      const session = await ort.InferenceSession.create(bytes, { ...options, externalData });
      return new StepProgram(ort, session, inputs, outputs);
    } catch (cause) {
      throw failure('does not load the training step', cause);
    }
  }

  /** One step at the state's present values. Assigns buffers; the caller owns the tensors. */
  async run(state: ModelState, tensors: readonly tf.Tensor[]): Promise<StepGradients> {
    const feeds = await Promise.all(
      this.inputs.map(async (name) => [name, await this.feed(inputOf(name, state, tensors))] as const),
    );
    const results = await this.session.run(Object.fromEntries(feeds)).catch((cause: unknown) => {
      throw failure('fails while it runs', cause);
    });
    const losses = new Map<string, tf.Scalar>();
    const gradients = new Map<string, tf.Tensor>();
    for (const output of this.outputs) {
      const { data, dims } = results[output];
      const tensor = tf.tensor(data as Float32Array, [...dims]);
      const [kind, name] = kindAndName(output);
      if (kind === 'loss') losses.set(name, tensor as tf.Scalar);
      else if (kind === 'gradient') gradients.set(name, tensor);
      else {
        state.buffers.get(name)?.assign(tensor);
        tensor.dispose();
      }
    }
    return { losses, gradients };
  }

  release(): Promise<void> {
    return this.session.release();
  }

  private async feed(tensor: tf.Tensor) {
    const type = elementType(tensor.dtype);
    const data = (await tensor.data()) as OnnxArrays[typeof type];
    return new this.ort.Tensor(type, data as never, tensor.shape);
  }
}

function inputOf(
  input: string,
  { parameters, buffers }: ModelState,
  tensors: readonly tf.Tensor[],
): tf.Tensor {
  const [kind, name] = kindAndName(input);
  const tensor = kind === 'batch' ? tensors[Number(name)] : (parameters.get(name) ?? buffers.get(name));
  if (!tensor) throw new CompileError(`compiled training: the state has lost its ${name}`);
  return tensor;
}

function kindAndName(label: string): [kind: string, name: string] {
  const end = label.indexOf('/');
  return [label.slice(0, end), label.slice(end + 1)];
}

function failure(what: string, cause: unknown): CompileError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CompileError(
    `compiled training: ONNX Runtime ${what}: ${reason}; if memory is short, make batches smaller`,
    { cause },
  );
}
