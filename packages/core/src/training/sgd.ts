import * as tf from '@tensorflow/tfjs';
import type { TensorToWrite } from '../weights/write-safetensors.js';
import type { Optimiser } from './optimiser.js';
import { checkGroups, type ParameterGroup } from './parameter-group.js';

/**
 * Plain gradient descent, as PyTorch's SGD without momentum: weight decay is added to the gradient.
 *
 * @throws {@link ArgumentError} when there is no parameter, one is in two groups, or a number is out of range.
 */
export function sgd(groups: readonly ParameterGroup[]): Optimiser {
  checkGroups('sgd', groups, ['learningRate', 'weightDecay']);
  const parameters = new Map(groups.flatMap((group) => [...group.parameters]));
  return {
    parameters,
    step(gradients, learningRateFactor) {
      for (const { parameters: ofGroup, learningRate = 1e-3, weightDecay = 0 } of groups) {
        for (const [name, parameter] of ofGroup) {
          const gradient = gradients.get(name);
          if (gradient) move(parameter, gradient, learningRate * learningRateFactor, weightDecay);
        }
      }
    },
    // It remembers nothing from step to step.
    shapes: new Map(),
    save: async () => new Map<string, TensorToWrite>(),
    load() {},
    dispose() {},
  };
}

function move(parameter: tf.Variable, gradient: tf.Tensor, rate: number, weightDecay: number): void {
  tf.tidy(() => {
    const slope = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(parameter, weightDecay));
    parameter.assign(tf.sub(parameter, tf.mul(slope, rate)));
  });
}
