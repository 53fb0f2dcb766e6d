import type * as tf from '@tensorflow/tfjs';
import type { Persistent } from './model-state.js';

/** Moves parameters along their gradients. */
export interface Optimiser extends Persistent {
  /** All parameters of all groups; borrowed. */
  readonly parameters: ReadonlyMap<string, tf.Variable>;
  /**
   * One step.
   *
   * @param gradients - By the parameters' names; borrowed. A parameter without one is left as it is.
   * @param learningRateFactor - What the schedule multiplies every group's learning rate by.
   */
  step(gradients: ReadonlyMap<string, tf.Tensor>, learningRateFactor: number): void;
  /** Frees the optimiser's own tensors, not the parameters. */
  dispose(): void;
}
