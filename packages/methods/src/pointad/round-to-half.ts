import * as tf from '@tensorflow/tfjs';

/** Smallest normal number of half precision. */
const SMALLEST_NORMAL = 2 ** -14;

/**
 * Values as half precision would keep them (11 significant bits, subnormals in steps of 2⁻²⁴); the gradient passes
 * unchanged, as it does through PyTorch's cast there and back. For |x| below 65 504.
 */
export function roundToHalf<T extends tf.Tensor>(x: T): T {
  const round = tf.customGrad((values) => ({
    value: tf.tidy(() => {
      const steps = tf.div(tf.round(tf.mul(values as T, 2 ** 24)), 2 ** 24);
      // Veltkamp's splitting: what is left of x after adding and taking away 2¹³ x has 24 − 13 bits.
      const scaled = tf.mul(values as T, 2 ** 13 + 1);
      const normal = tf.sub(scaled, tf.sub(scaled, values as T));
      return tf.where(tf.less(tf.abs(values as T), SMALLEST_NORMAL), steps, normal);
    }),
    gradFunc: (upstream) => tf.clone(upstream as tf.Tensor),
  }));
  return round(x) as T;
}
