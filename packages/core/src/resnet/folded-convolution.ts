import * as tf from '@tensorflow/tfjs';
import type { Checkpoint } from '../weights/checkpoint.js';
import { readWeight } from '../weights/read-weight.js';
import type { ConvolutionSpec } from './config.js';

/** A convolution with the batch norm behind it inside, or beside it. */
export interface FoldedConvolution {
  /** [k, k, in, out] */
  readonly kernel: tf.Tensor4D;
  /** [out] */
  readonly bias: tf.Tensor1D;
  /** [out], γ. Present: batch norm is not inside, and normalises with the statistics of what it is given. */
  readonly scale?: tf.Tensor1D;
  readonly stride: number;
}

/** PyTorch's: what keeps a variance of 0 from dividing. */
const epsilon = 1e-5;

/** The convolution with its batch norm. 1×1 kernels too: `tf.conv2d` takes them as fast as `tf.matMul`, and strides are its own. */
export function convolve(x: tf.Tensor4D, { kernel, bias, scale, stride }: FoldedConvolution): tf.Tensor4D {
  return tf.tidy(() => {
    const output = tf.conv2d(x, kernel, stride, Math.floor(kernel.shape[0] / 2));
    if (!scale) return tf.add<tf.Tensor4D>(output, bias);
    const { mean, variance } = tf.moments(output, [0, 1, 2]);
    const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon)));
    return tf.add<tf.Tensor4D>(tf.mul(tf.sub(output, mean), factor), bias);
  });
}

/**
 * Reads a convolution without bias and its batch norm in evaluation mode, γ (W x − μ) / √(σ² + ε) + β, as one
 * convolution: W' = W γ / √(σ² + ε), b' = β − μ γ / √(σ² + ε).
 *
 * @param statistics - `'batch'` keeps the batch norm apart, without its running statistics.
 * @param owner - Takes the tensors; whoever passed it frees them.
 */
export async function readFolded(
  checkpoint: Checkpoint,
  { name, normName, kernel: side, stride, inputs, outputs }: ConvolutionSpec,
  statistics: 'running' | 'batch',
  owner: tf.Tensor[],
): Promise<FoldedConvolution> {
  const read = (weight: string, shape: readonly number[]) => readWeight('ResNet', checkpoint, weight, shape);
  const stored = await read(`${name}.weight`, [outputs, inputs, side, side]);
  const gamma = await read(`${normName}.weight`, [outputs]);
  const beta = await read(`${normName}.bias`, [outputs]);
  const apart = statistics === 'batch';
  const mean = await read(`${normName}.running_mean`, [outputs]);
  const variance = await read(`${normName}.running_var`, [outputs]);

  const scale = Float64Array.from(gamma, (value, i) =>
    apart ? 1 : value / Math.sqrt(variance[i] + epsilon),
  );
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
    bias: tf.keep(tf.tensor1d(beta.map((value, i) => (apart ? value : value - mean[i] * scale[i])))),
    ...(apart && { scale: tf.keep(tf.tensor1d(gamma)) }),
    stride,
  };
  owner.push(folded.kernel, folded.bias, ...(folded.scale ? [folded.scale] : []));
  return folded;
}
