import * as tf from '@tensorflow/tfjs';

/** A batch norm that can be trained. The running statistics are buffers: see `ModelState`. */
export interface BatchNorm {
  /** [C], γ. */
  readonly weight: tf.Tensor1D;
  /** [C], β. */
  readonly bias: tf.Tensor1D;
  /** [C]; assigned in training. */
  readonly runningMean: tf.Variable<tf.Rank.R1>;
  /** [C]; assigned in training. */
  readonly runningVariance: tf.Variable<tf.Rank.R1>;
}

export interface BatchNormOptions {
  /** Whether to normalise with the batch's statistics and to move the running ones, or to use the running ones. */
  training: boolean;
  /** Share of the batch in the new running statistics, PyTorch's momentum. @defaultValue 0.1 */
  momentum?: number;
  /** @defaultValue 1e-5 */
  epsilon?: number;
}

/**
 * Batch normalisation over all axes but the last, γ (x − μ) / √(σ² + ε) + β (Ioffe and Szegedy 2015, arXiv:1502.03167). As
 * PyTorch does, it normalises with the biased variance and remembers the unbiased one.
 *
 * @param x - [..., C]; in training more than one row.
 * @returns A tensor like `x`.
 */
export function batchNorm<T extends tf.Tensor>(x: T, norm: BatchNorm, options: BatchNormOptions): T {
  const { training, momentum = 0.1, epsilon = 1e-5 } = options;
  const { weight, bias, runningMean, runningVariance } = norm;
  return tf.tidy(() => {
    const width = weight.shape[0];
    const rows = tf.reshape(x, [-1, width]);
    const mean = training ? tf.mean<tf.Tensor1D>(rows, 0) : runningMean;
    const centred = tf.sub(rows, mean);
    const variance = training ? tf.mean<tf.Tensor1D>(tf.square(centred), 0) : runningVariance;
    if (training) moveStatistics(norm, mean, variance, rows.shape[0], momentum);
    const normalised = tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)));
    return tf.reshape(tf.add(tf.mul(normalised, weight), bias), x.shape) as T;
  });
}

/** Moves the running statistics towards those of a batch, whose biased variance is given. @param count - Its rows. */
export function moveStatistics(
  { runningMean, runningVariance }: BatchNorm,
  mean: tf.Tensor1D,
  variance: tf.Tensor1D,
  count: number,
  momentum = 0.1,
): void {
  tf.tidy(() => {
    const unbiased = tf.mul(variance, count / Math.max(1, count - 1));
    const moved = (from: tf.Tensor1D, to: tf.Tensor) =>
      tf.add<tf.Tensor1D>(tf.mul(from, 1 - momentum), tf.mul(to, momentum));
    runningMean.assign(moved(runningMean, mean));
    runningVariance.assign(moved(runningVariance, unbiased));
  });
}
