import { readFileSync } from 'node:fs';
import { ArgumentError, ShapeError } from '@anomclip/core';
import { setUpBackend } from '@anomclip/core/backend';
import { type Clip, encodePromptEnsemble, loadClip, type PromptEnsemble } from '@anomclip/core/clip';
import { type Image, interpolate } from '@anomclip/core/image';
import { openFolder } from '@anomclip/core/node';
import { readSafetensors, toFloat32 } from '@anomclip/core/weights';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasShared, sharedFile } from '../testing/shared.js';
import { createClipAc } from './clip-ac-detector.js';
import { clipAcPresets } from './config.js';

const folder = sharedFile('data/prototype-clip');

describe.skipIf(!hasShared)('CLIP-AC on the prototype CLIP (skipped where ../shared is absent)', () => {
  let clip: Clip;
  let expected: ReturnType<typeof readExpected>;
  beforeAll(async () => {
    await setUpBackend('wasm');
    clip = await loadClip(await openFolder(folder));
    expected = readExpected();
  });
  afterAll(async () => clip?.dispose());

  // All images, and the AUROCs of the file: `parity ../shared/data/prototype-clip`, which tests/parity.test.ts runs.
  test.each([
    ['plain', 0, 'expected.maps_8x8'],
    ['value-value', 2, 'expected.maps_value_value_8x8'],
  ] as const)(
    'the %s path gives the scores and maps of the file',
    async (_path, valueAttentionFrom, mapName) => {
      const before = tf.memory().numTensors;
      const { prompts } = expected;
      const detector = createClipAc(clip, 'object', { prompts, score: 'difference', valueAttentionFrom });
      const [scores, grids] = [expected.values('expected.image_scores'), expected.values(mapName)];
      for (let i = 0; i < expected.images.length; i += 13) {
        const { imageScore, anomalyMap } = await detector.predict({ image: expected.images[i] });
        expect(imageScore).toBeCloseTo(scores[i], 4);
        const grid = ndarray(grids.subarray(i * 64, (i + 1) * 64), [8, 8]);
        const wanted = interpolate(grid, 64, 64).data;
        expect(largestDifference(anomalyMap?.data ?? [], wanted), `image ${i}`).toBeLessThan(1e-4);
      }
      detector.dispose();
      detector.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  test('probabilities are the logistic function of the differences over the temperature', async () => {
    const image = expected.images[0];
    const difference = createClipAc(clip, 'cookie', { score: 'difference' });
    const probability = createClipAc(clip, 'cookie', { temperature: 0.05 });
    const [a, b] = [await difference.predict({ image }), await probability.predict({ image })];
    expect(b.imageScore).toBeCloseTo(1 / (1 + Math.exp(-a.imageScore / 0.05)), 5);
    difference.dispose();
    probability.dispose();
  });

  test('an image of any size has a map of that size', async () => {
    const image: Image = ndarray(new Uint8Array(30 * 50 * 3).fill(90), [30, 50, 3]);
    const detector = createClipAc(clip, 'cookie', { ...clipAcPresets.ensemble, truncate: true });
    expect((await detector.predict({ image })).anomalyMap?.shape).toEqual([30, 50]);
    expect(() => createClipAc(clip, 'cookie', clipAcPresets.ensemble)).toThrow(
      /has 33 tokens, .*truncate: true/,
    );
    detector.dispose();
  });

  test('embeddings can stand in for the text tower', async () => {
    const text = await loadClip(await openFolder(folder), { towers: ['text'] });
    const classes = encodePromptEnsemble(text, clipAcPresets.plain.prompts, 'waffle');
    await text.dispose();
    const vision = await loadClip(await openFolder(folder), { towers: ['vision'] });
    const [image] = expected.images;
    const [fromEmbeddings, fromName] = [createClipAc(vision, classes), createClipAc(clip, 'waffle')];
    expect((await fromEmbeddings.predict({ image })).imageScore).toBeCloseTo(
      (await fromName.predict({ image })).imageScore,
      6,
    );
    expect(() => createClipAc(vision, tf.zeros([3, 128]))).toThrow(ShapeError);
    expect(() => createClipAc(vision, 'waffle')).toThrow(/load it with \{ towers: \['text'\] \}/);
    fromEmbeddings.dispose();
    fromName.dispose();
    classes.dispose();
    await vision.dispose();
  });

  test('a prediction stops when it is aborted, and leaves nothing behind', async () => {
    const detector = createClipAc(clip, 'waffle');
    const before = tf.memory().numTensors;
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(detector.predict({ image: expected.images[0] }, { signal })).rejects.toThrow('stop');
    await expect(detector.predict({ image: ndarray(new Uint8Array(4), [2, 2]) })).rejects.toThrow(ShapeError);
    expect(tf.memory().numTensors).toBe(before);
    detector.dispose();
  });

  test('a bad configuration is refused', () => {
    expect(() => createClipAc(clip, 'a', { temperature: 0 })).toThrow(/temperature above 0, got 0/);
    expect(() => createClipAc(clip, 'a', { score: 'cosine' as 'difference' })).toThrow(ArgumentError);
    expect(() => createClipAc(clip, 'a', { colour: 1 } as object)).toThrow(/got "colour"/);
  });
});

/** The images of the file, normal ones first, and what is expected for them. */
function readExpected() {
  const { tensors, metadata } = readSafetensors(readFileSync(`${folder}/unseen-categories.safetensors`));
  const tensor = (name: string) => {
    const found = tensors.get(name);
    if (!found) throw new Error(`the file has no ${name}`);
    return found;
  };
  const values = (name: string) => toFloat32(tensor(name));
  const bytes = (name: string) => Uint8Array.from(values(name));
  const [count, height, width] = tensor('normal_rgb').shape;
  const split = (all: Uint8Array, shape: number[]) => {
    const size = shape.reduce((product, side) => product * side, 1);
    return Array.from({ length: count }, (_, i) => ndarray(all.subarray(i * size, (i + 1) * size), shape));
  };
  const states = (name: string) => JSON.parse(metadata[name]) as string[];
  const prompts: PromptEnsemble = {
    templates: states('prompt_templates'),
    states: { normal: states('states_normal'), anomalous: states('states_anomalous') },
  };
  return {
    prompts,
    values,
    images: ['normal_rgb', 'anomalous_rgb'].flatMap((name) => split(bytes(name), [height, width, 3])),
  };
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}
