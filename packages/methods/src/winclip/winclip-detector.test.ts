import { ArgumentError, ShapeError } from '@anomclip/core';
import { setUpBackend } from '@anomclip/core/backend';
import { Clip, preprocessImages } from '@anomclip/core/clip';
import { type Image, interpolate } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import { createMultiViewSample } from '@anomclip/pointcloud/views';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import { beforeAll, describe, expect, test } from 'vitest';
import { largestDifference } from '../../../core/src/testing/arrays.fixture.js';
import { smallCloud, smallOptions } from '../../../pointcloud/src/views/small-cloud.fixture.js';
import { SMALL_CLIP_SIZE, smallClip } from '../testing/small-clip.js';
import { viewsOf, winclipOnViews } from './cloud-detector.js';
import { type WinclipConfig, winclipPresets } from './config.js';
import { createWinclip, fitWinclip } from './winclip-detector.js';

const side = 4;

describe.each(['cpu', 'wasm'] as const)('WinCLIP on %s', (backend) => {
  beforeAll(async () => {
    await setUpBackend(backend);
  });

  test('zero-shot scores are those of plain loops over all windows', async () => {
    const clip = await smallClip();
    const before = tf.memory().numTensors;
    const [normal, anomalous] = directions();
    const detector = createWinclip(
      clip,
      tf.tidy(() => tf.tensor2d([normal, anomalous])),
    );
    const image = randomImage('query', 20, 30);
    const features = await featuresOf(clip, image);
    const probability = (e: number[]) =>
      1 / (1 + Math.exp((cosine(e, normal) - cosine(e, anomalous)) / 0.07));

    const s0 = probability(features.image);
    const expected = grid((patch) => {
      const scales = [2, 3].map((size) =>
        harmonic(covering(patch, size).map((window) => probability(features.windows[size][window]))),
      );
      return harmonic([...scales, s0]);
    });
    const { imageScore, patchScores, probability: found } = await detector.scorePatches(image);
    expect(imageScore).toBeCloseTo(s0, 4);
    expect(found).toBe(imageScore);
    expect(largestDifference(patchScores, expected)).toBeLessThan(1e-4);
    const { anomalyMap } = await detector.predict({ image });
    expect(anomalyMap?.shape).toEqual([20, 30]);
    const enlarged = interpolate(ndarray(Float32Array.from(expected), [side, side]), 20, 30).data;
    expect(largestDifference(anomalyMap?.data ?? [], enlarged)).toBeLessThan(1e-4);

    detector.dispose();
    detector.dispose();
    await expect(detector.predict({ image })).rejects.toThrow(/has not been disposed/);
    expect(tf.memory().numTensors).toBe(before + 1); // the embeddings, which are the caller's
    await clip.dispose();
  });

  test('few-shot scores add the distances to the nearest row of all references', async () => {
    const clip = await smallClip();
    const classes = tf.tensor2d(directions());
    const before = tf.memory().numTensors;
    const references = [randomImage('first', 16, 16), randomImage('second', 16, 16)];
    const detector = await fitWinclip(clip, classes, references);
    expect(detector.referenceCount).toBe(2);
    const zeroShot = createWinclip(clip, classes);
    const image = randomImage('query', 16, 16);
    const query = await featuresOf(clip, image);
    const memory = await Promise.all(references.map((each) => featuresOf(clip, each)));
    const distance = (e: number[], bank: number[][]) => Math.min(...bank.map((m) => (1 - cosine(e, m)) / 2));
    const expected = grid((patch) => {
      const scales = [2, 3].map((size) => {
        const bank = memory.flatMap((of) => of.windows[size]);
        return harmonic(covering(patch, size).map((w) => distance(query.windows[size][w], bank)));
      });
      const ofPatches = memory.flatMap((of) => of.patches);
      return (scales[0] + scales[1] + distance(query.patches[patch], ofPatches)) / 3;
    });

    const language = await zeroShot.scorePatches(image);
    const { imageScore, patchScores } = await detector.scorePatches(image);
    const added = patchScores.map((value, patch) => value - language.patchScores[patch]);
    expect(largestDifference(added, expected)).toBeLessThan(1e-4);
    expect(imageScore).toBeCloseTo((language.imageScore + Math.max(...expected)) / 2, 4);
    const half = await fitWinclip(clip, classes, references, { mapCombine: 'mean' });
    const halved = (await half.scorePatches(image)).patchScores;
    expect(
      largestDifference(
        halved.map((value) => 2 * value),
        patchScores,
      ),
    ).toBeLessThan(1e-5);

    const same = await detector.scorePatches(references[1]);
    expect(same.imageScore).toBeCloseTo((await zeroShot.scorePatches(references[1])).imageScore / 2, 4);
    for (const each of [detector, zeroShot, half]) each.dispose();
    expect(tf.memory().numTensors).toBe(before);
    classes.dispose();
    await clip.dispose();
  });

  test('the points of a cloud have the average of the views that show them', async () => {
    const clip = await smallClip();
    const classes = tf.tensor2d(directions());
    const views = createMultiViewSample(smallCloud(), smallOptions);
    const before = tf.memory().numTensors;
    const onImages = await fitWinclip(clip, classes, viewsOf(views).slice(0, 1));
    const detector = winclipOnViews(onImages);
    const { imageScore, pointScores, anomalyMap } = await detector.predict({ views });
    expect(anomalyMap?.shape).toEqual([24, 24]);
    const ofViews = await Promise.all(viewsOf(views).map((view) => onImages.scorePatches(view)));
    expect(imageScore).toBeCloseTo(ofViews.reduce((sum, { imageScore }) => sum + imageScore, 0) / 3, 5);
    const { pixels, visible, size, pointCount, foreground } = views.correspondences ?? never();
    const maps = ofViews.map(({ patchScores }) =>
      interpolate(ndarray(patchScores, [side, side]), size, size),
    );
    const point = 24 * 12 + 13;
    expect(foreground[point]).toBe(1);
    let [sum, count] = [0, 0];
    for (const [view, map] of maps.entries()) {
      const at = view * pointCount + point;
      sum += visible[at] * map.get(pixels[2 * at + 1], pixels[2 * at]);
      count += visible[at];
    }
    expect(pointScores[point]).toBeCloseTo(sum / count, 5);
    expect(pointScores[0]).toBe(0); // background
    const { correspondences: _, ...without } = views;
    await expect(detector.predict({ views: without })).rejects.toThrow(/keep.correspondences/);
    detector.dispose();
    expect(tf.memory().numTensors).toBe(before);
    classes.dispose();
    await clip.dispose();
  });

  test('without windows the map is the probability of the image; names become prompts', async () => {
    const clip = await smallClip();
    const image = randomImage('query', 16, 16);
    const few = {
      templates: ['a {}.'],
      states: { normal: ['{}', 'flawless {}'], anomalous: ['damaged {}'] },
    };
    const detector = createWinclip(clip, 'part', { scales: [], prompts: few });
    const { imageScore, patchScores } = await detector.scorePatches(image);
    expect(patchScores).toHaveLength(16);
    expect(
      largestDifference(
        patchScores,
        grid(() => imageScore),
      ),
    ).toBeLessThan(1e-6);
    const { tokenizer } = clip;
    const read: string[] = [];
    const encode: typeof tokenizer.encode = (texts, options) => {
      read.push(...texts);
      return tokenizer.encode(texts, options);
    };
    const listening = new Clip(clip.config, {
      text: clip.text,
      vision: clip.vision,
      tokenizer: { ...tokenizer, encode },
    });
    const named = (['raw', 'spaces'] as const).map((classNameFormat) =>
      createWinclip(listening, 'a_b', { scales: [], prompts: few, classNameFormat }),
    );
    expect(read).toEqual(
      ['a_b', 'a b'].flatMap((name) => [`a ${name}.`, `a flawless ${name}.`, `a damaged ${name}.`]),
    );
    for (const each of [detector, ...named]) each.dispose();
    await clip.dispose();
  });
});

describe('WinCLIP refuses', () => {
  test('what cannot work, and says what would', async () => {
    await setUpBackend('cpu');
    const clip = await smallClip();
    const classes = tf.tensor2d(directions());
    const before = tf.memory().numTensors;
    expect(() =>
      createWinclip(
        clip,
        tf.tidy(() => tf.zeros([3, 6])),
      ),
    ).toThrow(ShapeError);
    for (const wrong of [
      { temperature: 0 },
      { scales: [2, 2] },
      { scales: [0] },
      { mapCombine: 'max' },
      { mode: 'few' },
    ]) {
      expect(() => createWinclip(clip, classes, wrong as Partial<WinclipConfig>)).toThrow(ArgumentError);
    }
    expect(() => createWinclip(clip, 'a'.repeat(30), winclipPresets.paired)).toThrow(/tokens/);
    await expect(fitWinclip(clip, classes, [])).rejects.toThrow(/at least one reference/);
    const nothing = { scales: [], usePatchScale: false };
    await expect(fitWinclip(clip, classes, [randomImage('x', 16, 16)], nothing)).rejects.toThrow(
      /nothing to/,
    );
    const aborted = { signal: AbortSignal.abort(new Error('stop')) };
    await expect(fitWinclip(clip, classes, [randomImage('x', 16, 16)], {}, aborted)).rejects.toThrow('stop');
    const large = createWinclip(clip, classes, { scales: [5] });
    await expect(large.predict({ image: randomImage('x', 16, 16) })).rejects.toThrow(/from 1 to 4 patches/);
    large.dispose();
    const { config, embeddingWidth } = clip.vision;
    const plain = new Clip(clip.config, {
      vision: { config, embeddingWidth, encode: (images) => clip.vision.encode(images), dispose: () => {} },
    });
    const blind = createWinclip(plain, classes);
    await expect(blind.predict({ image: randomImage('x', 16, 16) })).rejects.toThrow(/with encodeWindows/);
    blind.dispose();
    expect(tf.memory().numTensors).toBe(before + 1); // the zeros above
    await clip.dispose();
  });
});

/** Texts that are far apart, normal first. */
function directions(): [normal: number[], anomalous: number[]] {
  return [
    [1, -0.5, 0.2, 0.3, -1, 0.4],
    [-0.3, 0.6, 0.9, -0.2, 0.5, 1],
  ];
}

function randomImage(seed: string, height: number, width: number): Image {
  const rng = createRng(seed);
  const data = Uint8Array.from({ length: height * width * 3 }, () => rng.uniform(0, 255));
  return ndarray(data, [height, width, 3]);
}

/** All embeddings of an image as rows of numbers, straight from the tower. */
async function featuresOf(clip: Clip, image: Image) {
  const preprocess = { ...clip.config.preprocess, resize: 'squash' } as const;
  const pixels = preprocessImages(image, { ...clip.config, preprocess }, SMALL_CLIP_SIZE);
  const { image: whole, patches } = await clip.vision.encode(pixels, { layers: [3] });
  const windows = (await clip.vision.encodeWindows?.(pixels, [2, 3])) ?? never();
  const read = async (tensor: tf.Tensor3D | undefined) => ((await tensor?.array()) ?? never())[0];
  const result = {
    image: (await whole.array())[0],
    patches: await read(patches.get(3)),
    windows: { 2: await read(windows.get(2)), 3: await read(windows.get(3)) } as Record<number, number[][]>,
  };
  tf.dispose([pixels, whole, [...patches.values()], [...windows.values()]]);
  return result;
}

function grid(value: (patch: number) => number): number[] {
  return Array.from({ length: side * side }, (_, patch) => value(patch));
}

/** The windows of s × s patches that contain a patch. */
function covering(patch: number, size: number): number[] {
  const across = side - size + 1;
  const [row, column] = [Math.floor(patch / side), patch % side];
  return Array.from({ length: across * across }, (_, window) => window).filter((window) => {
    const [top, left] = [Math.floor(window / across), window % across];
    return row >= top && row < top + size && column >= left && column < left + size;
  });
}

function harmonic(values: number[]): number {
  return values.length / values.reduce((sum, value) => sum + 1 / value, 0);
}

function cosine(a: number[], b: number[]): number {
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

function never(): never {
  throw new Error('missing');
}
