import * as tf from '@tensorflow/tfjs';
import type { ImageFeatures } from '../clip/index.js';
import { normalise } from '../tensor/index.js';

/**
 * How well two encoders agree on the same images: the cosine between corresponding rows, averaged over an output's
 * rows; of all outputs, the smallest. 1 when they are equal, NaN when either has computed NaN.
 */
export async function agreement(a: ImageFeatures, b: ImageFeatures): Promise<number> {
  const pairs: [tf.Tensor, tf.Tensor | undefined][] = [
    [a.image, b.image],
    ...[...a.patches].map(([layer, patches]): [tf.Tensor, tf.Tensor | undefined] => [
      patches,
      b.patches.get(layer),
    ]),
  ];
  const cosines = tf.tidy(() =>
    tf.stack(
      pairs.map(([x, y]) => (y ? tf.mean(tf.sum(tf.mul(normalise(x), normalise(y)), -1)) : tf.scalar(-1))),
    ),
  );
  try {
    return Math.min(...(await cosines.data<'float32'>()));
  } finally {
    cosines.dispose();
  }
}
