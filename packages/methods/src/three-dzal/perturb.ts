import { ShapeError } from '@anomclip/core';
import * as tf from '@tensorflow/tfjs';
import type { ThreeDzalConfig } from './config.js';

/**
 * Moves the points of patches so that a classifier becomes less sure of what it thinks of each (Eq. 8 of 3DzAL):
 * x − η ∇ₓ log p̂, p̂ the probability of the more likely class, of two alike the anomalous one. `'raw'` takes the
 * gradient as it is, `'sign'` its signs, `'l2'` its direction, all of a patch together.
 *
 * Copies of a point move together, along the sum of their gradients.
 *
 * @param points - [B, N, 3]; borrowed.
 * @param copies - [B, N], which point of its patch each is a copy of. Absent: all differ.
 * @param logitsOf - [B, N, 3] → [B, 2], class 1 anomalous, in evaluation mode.
 * @returns [B, N, 3] row-major.
 */
export async function perturb(
  points: tf.Tensor3D,
  copies: Int32Array | undefined,
  logitsOf: (points: tf.Tensor3D) => tf.Tensor2D,
  { eta, norm }: ThreeDzalConfig['perturb'],
): Promise<Float32Array> {
  const [batch, count] = points.shape;
  if (copies && copies.length !== batch * count) {
    throw new ShapeError('perturb', `copies of [${batch}, ${count}], flattened`, [copies.length]);
  }
  const gradient = tf.tidy(() => tf.grad((x) => tf.sum(logConfidence(logitsOf(x as tf.Tensor3D))))(points));
  try {
    const slopes = Float64Array.from(await gradient.data<'float32'>());
    const moved = (await points.data<'float32'>()).slice();
    for (let patch = 0; patch < batch; patch++) {
      const own = slopes.subarray(3 * patch * count, 3 * (patch + 1) * count);
      if (copies) addUpCopies(own, copies.subarray(patch * count, (patch + 1) * count));
      const length = norm === 'l2' ? Math.max(Math.hypot(...own), 1e-12) : 1;
      own.forEach((slope, i) => {
        moved[3 * patch * count + i] -= eta * (norm === 'sign' ? Math.sign(slope) : slope / length);
      });
    }
    return moved;
  } finally {
    gradient.dispose();
  }
}

/** log p̂ = −softplus(−|d|), d the difference of the two logits. */
function logConfidence(logits: tf.Tensor2D): tf.Tensor {
  const difference = tf.sub(tf.slice(logits, [0, 1], [-1, 1]), tf.slice(logits, [0, 0], [-1, 1]));
  const sign = tf.sub(tf.mul(tf.cast(tf.greaterEqual(difference, 0), 'float32'), 2), 1);
  return tf.neg(tf.softplus(tf.neg(tf.mul(sign, difference))));
}

function addUpCopies(slopes: Float64Array, copies: Int32Array): void {
  const sums = new Float64Array(slopes.length);
  for (const [i, point] of copies.entries()) {
    for (let axis = 0; axis < 3; axis++) sums[3 * point + axis] += slopes[3 * i + axis];
  }
  for (const [i, point] of copies.entries()) {
    for (let axis = 0; axis < 3; axis++) slopes[3 * i + axis] = sums[3 * point + axis];
  }
}
