import type { Rng } from '@anomclip/core/random';
import type { LayerNormWeights, LinearWeights } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';

/** The tensors of a trained head by name; names are those of PyTorch's modules, matrices [in, out]. */
export type HeadWeights = Readonly<Record<string, tf.Tensor>>;

/** `<name>.weight` and, where there is one, `<name>.bias`. */
export function linearOf(weights: HeadWeights, name: string): LinearWeights {
  return {
    weight: weights[`${name}.weight`] as tf.Tensor2D,
    bias: weights[`${name}.bias`] as tf.Tensor1D | undefined,
  };
}

export function layerNormOf(weights: HeadWeights, name: string): LayerNormWeights {
  return { weight: weights[`${name}.weight`] as tf.Tensor1D, bias: weights[`${name}.bias`] as tf.Tensor1D };
}

/**
 * A linear layer as the heads begin: Xavier-normal weights, std √(2 / (in + out)), biases uniform in ±1/√in
 * (section 5 of CLIP-FSAC++'s specification). The caller owns the tensors.
 */
export function initialLinear(
  name: string,
  inputs: number,
  outputs: number,
  rng: Rng,
): Record<string, tf.Tensor> {
  const [draws, std, bound] = [rng.fork(name), Math.sqrt(2 / (inputs + outputs)), 1 / Math.sqrt(inputs)];
  const weight = Float32Array.from({ length: inputs * outputs }, () => draws.normal(0, std));
  const bias = Float32Array.from({ length: outputs }, () => draws.uniform(-bound, bound));
  return { [`${name}.weight`]: tf.tensor2d(weight, [inputs, outputs]), [`${name}.bias`]: tf.tensor1d(bias) };
}

/** A layer norm before training: scale 1, shift 0. The caller owns the tensors. */
export function initialLayerNorm(name: string, width: number): Record<string, tf.Tensor> {
  return { [`${name}.weight`]: tf.ones([width]), [`${name}.bias`]: tf.zeros([width]) };
}
