import { setUpBackend } from '@anomclip/core/backend';
import { type Clip, preprocessImages } from '@anomclip/core/clip';
import { interpolate } from '@anomclip/core/image';
import { normalise } from '@anomclip/core/tensor';
import { createMultiViewSample, renderingOf } from '@anomclip/pointcloud/views';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import { beforeAll, describe, expect, test } from 'vitest';
import { smallCloud, smallOptions } from '../../../pointcloud/src/views/small-cloud.fixture.js';
import { smallClip } from '../testing/small-clip.js';
import { clipRendering } from './clip-rendering.js';

describe.each(['cpu', 'wasm'] as const)('CLIP + Rendering on %s', (backend) => {
  let clip: Clip;
  beforeAll(async () => {
    await setUpBackend(backend);
    clip = await smallClip();
  });

  test("scores are PointAD's with the two fixed texts and the patches of the ordinary path", async () => {
    const views = createMultiViewSample(smallCloud(), smallOptions);
    const before = tf.memory().numTensors;
    const prompts = { templates: ['{}'], states: { normal: ['flawless {}'], anomalous: ['damaged {}'] } };
    const detector = await clipRendering(clip, 'Part', { prompts, pointSmoothing: 'none' });
    expect(detector.config.attention).toBe('qkv');
    const { imageScore, pointScores, anomalyMap, cloud } = await detector.predict({ views });

    const expected = await viewsByHand(clip, views, ['flawless part', 'damaged part']);
    expect(cloud.probability).toBeCloseTo(expected.probability, 5);
    const most = pointScores.reduce((a, b) => Math.max(a, b), 0);
    expect(imageScore).toBeCloseTo((expected.probability + most) / 2, 5);
    const { pixels, visible, size, pointCount } = views.correspondences ?? never();
    const point = 24 * 12 + 13;
    let [sum, count] = [0, 0];
    for (const [view, patches] of expected.patches.entries()) {
      const map = interpolate(ndarray(patches, [4, 4]), size, size);
      const at = view * pointCount + point;
      sum += visible[at] * map.get(pixels[2 * at + 1], pixels[2 * at]);
      count += visible[at];
    }
    expect(pointScores[point]).toBeCloseTo(sum / count, 5);
    expect(anomalyMap?.shape).toEqual([24, 24]);
    detector.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('the prompts of the paper are the default, and must fit', async () => {
    const detector = await clipRendering(clip, 'part', { truncate: true });
    expect(detector.text.width).toBe(6);
    await expect(clipRendering(clip, 'a'.repeat(30))).rejects.toThrow(/tokens/);
    await expect(clipRendering(clip, 'part', { temperature: 0, truncate: true })).rejects.toThrow(/above 0/);
    detector.dispose();
  });
});

/** Probabilities of views and patches, straight from the towers. */
async function viewsByHand(clip: Clip, views: ReturnType<typeof createMultiViewSample>, texts: string[]) {
  const images = Array.from({ length: views.viewCount }, (_, view) => renderingOf(views, view));
  const tensors = [preprocessImages(images, clip.config)];
  const { image, patches } = await clip.vision.encode(tensors[0], { layers: [3], projectPatches: true });
  const [ofImages, ofPatches] = tf.tidy(() => {
    const classes = normalise(clip.encodeText(texts));
    const probability = (e: tf.Tensor) => {
      const rows = tf.reshape(normalise(e), [-1, 6]);
      return tf.softmax(tf.div(tf.matMul(rows as tf.Tensor2D, classes, false, true), 0.07)) as tf.Tensor2D;
    };
    return [probability(image), probability(patches.get(3) as tf.Tensor3D)];
  });
  const [a, b] = [await ofImages.array(), await ofPatches.array()];
  tf.dispose([tensors, image, [...patches.values()], ofImages, ofPatches]);
  return {
    probability: a.reduce((sum, row) => sum + row[1], 0) / a.length,
    patches: images.map((_, view) => Float32Array.from(b.slice(16 * view, 16 * view + 16), (row) => row[1])),
  };
}

function never(): never {
  throw new Error('missing');
}
