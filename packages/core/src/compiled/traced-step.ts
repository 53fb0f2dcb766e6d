import * as tf from '@tensorflow/tfjs';
import type { OnnxGraph } from '../encoder/onnx-graph.js';
import { type Losses, lossGradients } from '../training/gradients.js';
import type { StepContext, TrainingTask } from '../training/train.js';
import { type BatchParts, withTensors } from './batch-parts.js';
import { CompileError } from './compile-error.js';
import { type TraceBackend, trace } from './trace-backend.js';

/** A training step as a graph. */
export interface TracedStep {
  readonly graph: OnnxGraph;
  /** The graph's inputs: `state/<name>` and `batch/<place>`. */
  readonly inputs: readonly string[];
  /** Its outputs: `loss/<name>`, `total` first, `gradient/<name>`, `buffer/<name>`. */
  readonly outputs: readonly string[];
  /** Frozen tensors that it uses. */
  readonly foreign: readonly object[];
}

/**
 * Records the losses of a batch, the gradients of the total, and what becomes of the buffers. Nothing is computed, and the
 * state stays as it is.
 *
 * @throws {@link CompileError} when the loss does what cannot be recorded. Whatever the loss throws.
 */
export function traceStep<Batch>(
  task: TrainingTask<Batch>,
  parameters: ReadonlyMap<string, tf.Variable>,
  batch: Batch,
  { tensors }: BatchParts,
): TracedStep {
  return trace((backend) => {
    const { graph } = backend;
    const restore = replaceState(task, backend);
    const stands = tensors.map((tensor, i) =>
      backend.tensor(() => graph.input(`batch/${i}`, tensor), tensor),
    );
    const outputs: string[] = [];
    const output = (name: string, tensor: tf.Tensor) => {
      graph.onnx.output(name, backend.value(tensor), tensor.shape);
      outputs.push(name);
    };
    try {
      const lossOf = (): Losses => task.loss(withTensors(batch, stands), unavailable);
      const { losses, gradients } = lossGradients(parameters, lossOf);
      for (const [name, loss] of losses) output(`loss/${name}`, loss);
      for (const [name, gradient] of gradients) output(`gradient/${name}`, gradient);
      tf.dispose([...losses.values(), ...gradients.values()]);
      for (const [name, buffer] of restore.assignedBuffers()) output(`buffer/${name}`, buffer);
    } finally {
      restore.restore();
      tf.dispose(stands);
    }
    if (backend.numDataIds() > 0) {
      throw new CompileError(
        `compiled training: the loss keeps ${backend.numDataIds()} tensors that it made; make them in batch, or before training`,
      );
    }
    return { graph: graph.onnx, inputs: [...graph.inputs], outputs, foreign: graph.foreign };
  });
}

/** Lets the variables of a state stand for inputs of the graph, until they are restored. */
function replaceState<Batch>({ state }: TrainingTask<Batch>, backend: TraceBackend) {
  const engine = tf.engine();
  const replaced = [...state.parameters, ...state.buffers].map(([name, variable]) => {
    const { dataId } = variable;
    const input = backend.make(
      () => backend.graph.input(`state/${name}`, variable),
      variable.shape,
      variable.dtype,
    );
    variable.dataId = input.dataId;
    engine.incRef(variable, backend);
    backend.disposeData(input.dataId); // the variable's own reference is the only one
    return { variable, dataId, input: input.dataId };
  });
  return {
    assignedBuffers: () => {
      const assigned = new Set(
        replaced.filter(({ variable, input }) => variable.dataId !== input).map(({ variable }) => variable),
      );
      return [...state.buffers].filter(([, buffer]) => assigned.has(buffer));
    },
    restore: () => {
      for (const { variable, dataId } of replaced) {
        engine.disposeTensor(variable);
        variable.dataId = dataId;
      }
    },
  };
}

/** What a step could tell the loss would be the same in all steps of the program. */
const unavailable: StepContext = {
  get epoch(): never {
    throw notInLoss('epoch');
  },
  get step(): never {
    throw notInLoss('step');
  },
  get rng(): never {
    throw notInLoss('rng');
  },
};

function notInLoss(name: string): CompileError {
  return new CompileError(
    `compiled training: the loss uses the step's ${name}, which a compiled loss cannot; use it in batch, and give what comes of it as tensors`,
  );
}
