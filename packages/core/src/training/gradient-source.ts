import type * as tf from '@tensorflow/tfjs';
import { type Gradients, lossGradients } from './gradients.js';
import type { StepContext, TrainingTask } from './train.js';

/** Where `train` gets its gradients from. */
export interface GradientSource {
  /**
   * Begins a training.
   *
   * @param task - The same in all its steps.
   * @param parameters - Those whose gradients are wanted.
   */
  start<Batch>(task: TrainingTask<Batch>, parameters: ReadonlyMap<string, tf.Variable>): GradientRun<Batch>;
}

/** Gradients within one training. */
export interface GradientRun<Batch> {
  /**
   * Losses and gradients of a batch at the parameters' present values; assigns the buffers that the loss assigns. The caller
   * owns the tensors.
   */
  step(batch: Batch, context: StepContext): StepGradients | Promise<StepGradients>;
  /** Frees what the run holds. */
  close(): void | Promise<void>;
}

export interface StepGradients {
  /** `total` first. */
  readonly losses: ReadonlyMap<string, tf.Scalar>;
  readonly gradients: Gradients;
}

/** TensorFlow.js's own gradients, on its current backend. */
export const tfjsGradients: GradientSource = {
  start: (task, parameters) => ({
    step: (batch, context) => lossGradients(parameters, () => task.loss(batch, context)),
    close: () => {},
  }),
};
