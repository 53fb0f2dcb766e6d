import { setUpBackend } from '@anomclip/core/backend';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { anomalyClipLoss } from './loss.js';

/** Self-check 11.7 of PointAD's specification. */
const probabilities = [0.1, 0.8, 0.6, 0.3];
const ofMap = 0.030951 + 0.2083333 + 0.1923077;

test.each(['cpu', 'wasm'] as const)("losses of the specification's example, on %s", async (backend) => {
  await setUpBackend(backend);
  const before = tf.memory().numTensors;
  const temperature = 0.5;
  const text = tf.tensor2d([1, 0, 0, 1], [2, 2]);
  const image = tf.tensor2d(featureOf(0.7, temperature), [1, 2]);
  const layer = tf.tensor3d(
    probabilities.flatMap((p) => featureOf(p, temperature)),
    [1, 4, 2],
  );
  const labels = tf.tensor1d([1], 'int32');
  const masks = tf.tensor3d([0, 1, 1, 0], [1, 2, 2]);
  for (const [patches, localWeight, maps] of [
    [[layer], 4, 4 * ofMap],
    [[layer, layer], 4, 8 * ofMap],
    [[layer], 0.5, 0.5 * ofMap],
  ] as const) {
    const batch = { image, patches, labels, masks };
    const losses = anomalyClipLoss(batch, text, { temperature, localWeight });
    expect((await losses.image.data())[0]).toBeCloseTo(-Math.log(0.7), 5);
    expect((await losses.maps.data())[0]).toBeCloseTo(maps, 5);
    tf.dispose(losses);
  }
  tf.dispose([text, image, layer, labels, masks]);
  expect(tf.memory().numTensors).toBe(before);
});

/** The unit vector (cos θ, sin θ) whose softmax over (1, 0) and (0, 1) at the temperature is p: sin θ − cos θ = τ logit p. */
function featureOf(p: number, temperature: number): [number, number] {
  const angle = Math.asin((temperature * Math.log(p / (1 - p))) / Math.SQRT2) + Math.PI / 4;
  return [Math.cos(angle), Math.sin(angle)];
}
