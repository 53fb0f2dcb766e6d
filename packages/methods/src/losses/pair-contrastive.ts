import { ShapeError } from '@anomclip/core';
import { normalise } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';

export interface PairContrastiveOptions {
  /** Divides the cosine similarities. @defaultValue 1 */
  temperature?: number;
  /** Multiplies the sum of both directions: 1 in CLIP-FSAC++'s paper, ½ in CLIP3D-AD's. @defaultValue 1 */
  scale?: number;
}

/**
 * Contrastive loss of pairs of a normal image and an anomalous one made from it, with the two texts (Eqs. 10 and 11 of
 * CLIP-FSAC++, 11 to 13 of CLIP3D-AD). With cosines p, q of the normal image and r, t of the anomalous one to the
 * normal and the anomalous text, and E(v) = exp(v / temperature):
 *
 * L_i2t = −log E(p)/(E(p)+E(q)) − log E(t)/(E(t)+E(r)),  L_t2i = −log E(p)/(E(p)+E(r)) − log E(t)/(E(t)+E(q)),
 *
 * averaged over the pairs; the result is scale · (L_i2t + L_t2i). There is no negative from another pair.
 *
 * @param image - [2B, C]: B normal rows, then their B anomalous ones. Any length.
 * @param text - [2, C], row 0 normal. Any length.
 * @returns A scalar > 0. The caller owns it.
 * @throws {@link ShapeError} when the rows are no pairs.
 */
export function pairContrastiveLoss(
  image: tf.Tensor2D,
  text: tf.Tensor2D,
  options: PairContrastiveOptions = {},
): tf.Scalar {
  const { temperature = 1, scale = 1 } = options;
  const rows = image.shape[0];
  if (rows === 0 || rows % 2 !== 0) throw new ShapeError('pairContrastiveLoss', '[2B, C]', image.shape);
  return tf.tidy(() => {
    const cosines = tf.matMul(normalise(image), normalise(text), false, true);
    const [ofNormal, ofAnomalous] = tf.split(cosines, 2);
    const [p, q] = tf.split(ofNormal, 2, 1);
    const [r, t] = tf.split(ofAnomalous, 2, 1);
    // −log E(a)/(E(a)+E(b)) = softplus((b − a) / temperature)
    const term = (negative: tf.Tensor, positive: tf.Tensor) =>
      tf.mean(tf.softplus(tf.div(tf.sub(negative, positive), temperature)));
    return tf.mul(tf.addN([term(q, p), term(r, t), term(r, p), term(q, t)]), scale) as tf.Scalar;
  });
}
