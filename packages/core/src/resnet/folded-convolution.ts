import * as tf from '@tensorflow/tfjs';
import type { Checkpoint } from '../weights/checkpoint.js';
import { readWeight } from '../weights/read-weight.js';
import type { ConvolutionSpec } from './config.js';

/** A convolution with the batch norm behind it inside. */
export interface FoldedConvolution {
  /** [k, k, in, out] */
  readonly kernel: tf.Tensor4D;
  /** [out] */
  readonly bias: tf.Tensor1D;
  readonly stride: number;
}

/** PyTorch's: what keeps a variance of 0 from dividing. */
const epsilon = 1e-5;

/**
 * Reads a convolution without bias and its batch norm in evaluation mode, γ (W x − μ) / √(σ² + ε) + β, as one
 * convolution: W' = W γ / √(σ² + ε), b' = β − μ γ / √(σ² + ε).
 *
 * @param owner - Takes the tensors; whoever passed it frees them.
 */
export async function readFolded(
  checkpoint: Checkpoint,
  { name, normName, kernel: side, stride, inputs, outputs }: ConvolutionSpec,
  owner: tf.Tensor[],
): Promise<FoldedConvolution> {
  const read = (weight: string, shape: readonly number[]) => readWeight('ResNet', checkpoint, weight, shape);
  const stored = await read(`${name}.weight`, [outputs, inputs, side, side]);
  const gamma = await read(`${normName}.weight`, [outputs]);
  const beta = await read(`${normName}.bias`, [outputs]);
  const mean = await read(`${normName}.running_mean`, [outputs]);
  const variance = await read(`${normName}.running_var`, [outputs]);

  const scale = Float64Array.from(gamma, (value, i) => value / Math.sqrt(variance[i] + epsilon));
  const area = side * side;
  const kernel = new Float32Array(stored.length);
  for (let out = 0; out < outputs; out++) {
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < area; tap++) {
        kernel[(tap * inputs + input) * outputs + out] =
          stored[(out * inputs + input) * area + tap] * scale[out];
      }
    }
  }
  const folded = {
    kernel: tf.keep(tf.tensor4d(kernel, [side, side, inputs, outputs])),
    bias: tf.keep(tf.tensor1d(beta.map((value, i) => value - mean[i] * scale[i]))),
    stride,
  };
  owner.push(folded.kernel, folded.bias);
  return folded;
}
