import * as tf from '@tensorflow/tfjs';
import type { Rng } from '../random/index.js';
import type { BatchNorm, LinearWeights } from '../tensor/index.js';
import type { ModelState } from '../training/model-state.js';
import { describeRows, givenRows } from './describe-rows.js';

/** A linear layer, batch norm if it has one, ReLU. */
export interface MlpLayer {
  readonly linear: LinearWeights;
  readonly norm?: BatchNorm;
}

/**
 * Adds a linear layer to the state: weights and bias uniform in ±1/√inputs, PyTorch's default; names `<prefix>.weight` [in, out]
 * and `<prefix>.bias`.
 */
export function addLinear(
  state: ModelState,
  prefix: string,
  inputs: number,
  outputs: number,
  rng: Rng,
): LinearWeights {
  const bound = 1 / Math.sqrt(inputs);
  const draw = (name: string, length: number) => {
    const stream = rng.fork(name);
    return Float32Array.from({ length }, () => stream.uniform(-bound, bound));
  };
  const [weight, bias] = [`${prefix}.weight`, `${prefix}.bias`];
  return {
    weight: state.parameter<tf.Rank.R2>(weight, [inputs, outputs], draw(weight, inputs * outputs)),
    bias: state.parameter<tf.Rank.R1>(bias, [outputs], draw(bias, outputs)),
  };
}

/** Adds a batch norm to the state: scale 1, shift 0, running mean 0 and variance 1, under PyTorch's names. */
export function addBatchNorm(state: ModelState, prefix: string, width: number): BatchNorm {
  const [zeros, ones] = [new Float32Array(width), new Float32Array(width).fill(1)];
  return {
    weight: state.parameter<tf.Rank.R1>(`${prefix}.weight`, [width], ones),
    bias: state.parameter<tf.Rank.R1>(`${prefix}.bias`, [width], zeros),
    runningMean: state.buffer<tf.Rank.R1>(`${prefix}.running_mean`, [width], zeros),
    runningVariance: state.buffer<tf.Rank.R1>(`${prefix}.running_var`, [width], ones),
  };
}

/** Adds the layers `<prefix>.0`, `<prefix>.1`, … with their batch norms `<prefix>.<i>.norm`. */
export function addMlp(
  state: ModelState,
  prefix: string,
  inputs: number,
  widths: readonly number[],
  rng: Rng,
  hasNorm = true,
): MlpLayer[] {
  return widths.map((width, i) => ({
    linear: addLinear(state, `${prefix}.${i}`, widths[i - 1] ?? inputs, width, rng),
    ...(hasNorm && { norm: addBatchNorm(state, `${prefix}.${i}.norm`, width) }),
  }));
}

/** The layers one after another on every row. @param x - [..., in]. @returns [..., out]. */
export function runMlp(x: tf.Tensor, layers: readonly MlpLayer[], training: boolean): tf.Tensor {
  return tf.tidy(() => {
    const rows = tf.reshape(x, [-1, x.shape[x.shape.length - 1]]) as tf.Tensor2D;
    const described = describeRows(givenRows(rows), 1, layers, training);
    return tf.reshape(described, [...x.shape.slice(0, -1), described.shape[1]]);
  });
}
