import { ArgumentError } from '@anomclip/core';
import { type Clip, loadClip, VisionTower } from '@anomclip/core/clip';
import { createOnnxImageEncoder, EncoderError, type OnnxRuntime } from '@anomclip/core/encoder';
import type { Image } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBackend } from '../../../core/src/testing/backends.fixture.js';
import { tinyClipFiles } from '../../../core/src/testing/tiny-clip.fixture.js';
import { auroc } from '../testing/auroc.js';
import type { PartialFsacConfig } from './config.js';
import { loadFsac, saveFsac } from './detector-file.js';
import { type FitFsacOptions, fitFsac } from './fit.js';
import { encodeFsacPrompts } from './prompts.js';

const given: PartialFsacConfig = {
  prompts: { templates: ['a {}'], states: { normal: ['flawless {}'], anomalous: ['damaged {}'] } },
  optimizer: { lrImage: 0.01, lrText: 0.01 },
  epochs: 15,
};
const options: FitFsacOptions = { className: 'part', clipIdentity: { model: 'tiny', key: 'k' } };
const normals = [grey('a'), grey('b'), grey('c')];
const [short, other] = [{ ...given, epochs: 3 }, grey('other')];

describe.each(['cpu', 'wasm'] as const)('CLIP-FSAC++ is fitted on %s', (backend) => {
  let clip: Clip;
  beforeAll(async () => {
    await startBackend(backend);
    clip = await loadClip(tinyClipFiles());
  });
  afterAll(async () => clip?.dispose());

  test('losses fall, the last batch is smaller, and only the detector stays behind', async () => {
    const before = tf.memory().numTensors;
    const steps: number[] = [];
    const detector = await fitFsac(clip, normals, given, {
      ...options,
      onProgress: ({ step }) => steps.push(step),
    });
    expect(steps.length).toBe(15 * 2);
    for (const name of ['total', 'contrastive', 'crossEntropy']) {
      const losses = detector.history.get(name) ?? [];
      expect(mean(losses.slice(-10)), name).toBeLessThan(mean(losses.slice(0, 10)));
    }
    expect(detector.selection).toEqual({ by: 'last', epoch: 14 });
    detector.dispose();
    detector.dispose();
    expect(tf.memory().numTensors).toBe(before);
    await expect(detector.predict({ image: other })).rejects.toThrow(/not been disposed/);
  });

  test('a saved detector scores as before and says which CLIP it needs', async () => {
    const detector = await fitFsac(clip, normals, short, options);
    const loaded = loadFsac(saveFsac(detector), clip, { key: 'k' });
    expect(await loaded.predict({ image: other })).toEqual(await detector.predict({ image: other }));
    expect(loaded.model).toEqual(detector.model);
    expect(() => loadFsac(saveFsac(detector), clip, { key: 'another' })).toThrow(/the weights k of tiny/);
    detector.dispose();
    loaded.dispose();
  });

  test('a run that was stopped goes on as if nothing had been', async () => {
    const files: Uint8Array[] = [];
    const checkpoints = { write: (bytes: Uint8Array) => void files.push(bytes), everySteps: 1 };
    const whole = await fitFsac(clip, normals, short, { ...options, checkpoints });
    const resumed = await fitFsac(clip, normals, short, { ...options, resume: files[2] });
    expect(resumed.model).toEqual(whole.model);
    expect(resumed.history).toEqual(whole.history);
    whole.dispose();
    resumed.dispose();
  });

  test('text embeddings stand in for the text tower', async () => {
    const vision = await loadClip(tinyClipFiles(), { towers: ['vision'] });
    const whole = await fitFsac(clip, normals, short, options);
    const text = encodeFsacPrompts(clip, 'part', whole.model.config);
    const fitted = await fitFsac(vision, normals, short, { ...options, text });
    expect(fitted.model).toEqual(whole.model);
    whole.dispose();
    fitted.dispose();
    text.dispose();
    await vision.dispose();
  });
});

describe('CLIP-FSAC++', () => {
  let clip: Clip;
  beforeAll(async () => {
    await startBackend('cpu');
    clip = await loadClip(tinyClipFiles());
  });
  afterAll(async () => clip?.dispose());
  const modelOf = async (config: PartialFsacConfig) => {
    const detector = await fitFsac(clip, normals, config, options);
    detector.dispose();
    return detector.model;
  };

  test('every option of the optimiser and of the synthesis changes what is learned', async () => {
    const changes: PartialFsacConfig[] = [
      {},
      { seed: 11 },
      { optimizer: { ...given.optimizer, kind: 'adamW' } },
      { optimizer: { ...given.optimizer, kind: 'sgd' } },
      { synthesis: { noise: 'uniform' } },
      { synthesis: { method: 'nsa' } },
      { synthesis: { method: 'nsa', nsaSource: 'other' } },
      { batchSize: 1 },
      { useTF: false },
      { useVT: false },
      { useContrastive: false },
      { useCrossEntropy: false },
      { adText: 'original' },
    ];
    const heads: string[] = [];
    for (const change of changes)
      heads.push(JSON.stringify((await modelOf({ ...short, epochs: 1, ...change })).head));
    expect(new Set(heads).size).toBe(changes.length);
  });

  test('the two groups of parameters have rates of their own', async () => {
    const [a, b] = await Promise.all(
      [1e-3, 1e-2].map((lrText) => modelOf({ ...given, epochs: 1, batchSize: 3, optimizer: { lrText } })),
    );
    for (const name of Object.keys(a.head)) {
      const changed = JSON.stringify(a.head[name]) !== JSON.stringify(b.head[name]);
      expect(changed, name).toBe(name.startsWith('text.'));
    }
  });

  test('an anomaly of the pool comes back, a fresh one does not', async () => {
    const losses = async (synthPool: number | null) => {
      // Without a rate to speak of, losses differ by the anomalies alone.
      const config = { ...given, epochs: 4, optimizer: { lrImage: 1e-12, lrText: 1e-12 } };
      const fitted = await fitFsac(clip, [other], { ...config, synthesis: { synthPool } }, options);
      fitted.dispose();
      return (fitted.history.get('total') ?? []).map((loss) => loss.toFixed(6));
    };
    const [pooled, fresh] = [await losses(2), await losses(null)];
    expect(pooled.slice(0, 2)).toEqual(pooled.slice(2));
    expect(new Set(fresh).size).toBe(4);
  });

  test('an aborted run leaves nothing behind', async () => {
    const before = tf.memory().numTensors;
    const controller = new AbortController();
    const onProgress = ({ step }: { step: number }) => {
      if (step === 1) controller.abort(new Error('enough'));
    };
    const running = fitFsac(clip, normals, given, { ...options, signal: controller.signal, onProgress });
    await expect(running).rejects.toThrow('enough');
    expect(tf.memory().numTensors).toBe(before);
  });

  test('choosing by test data says so, stops early, and never happens by itself', async () => {
    const images = [...normals, ...['x', 'y', 'z'].map((seed) => grey(seed, 160))];
    const labels = Uint8Array.of(0, 0, 0, 1, 1, 1);
    const measured: number[] = [];
    const measure = (scores: Float64Array) => {
      measured.push(auroc(Float32Array.from(scores), labels));
      return { auroc: measured[measured.length - 1] };
    };
    const before = tf.memory().numTensors;
    const config = { ...given, selection: 'best-test', patience: 2 } as const;
    const fitted = await fitFsac(clip, normals, config, {
      ...options,
      bestTest: { images, labels, measure },
    });
    const best = Math.max(...measured);
    const { selection } = fitted;
    expect(selection).toEqual({
      by: 'best-test',
      epoch: measured.indexOf(best),
      metricsOfChosenEpoch: { auroc: best },
      usesTestLabels: true,
    });
    expect(measured.length).toBe(Math.min(given.epochs ?? 0, selection.epoch + 3));
    expect(auroc(Float32Array.from(await fitted.scoreImages(images)), labels)).toBe(best);
    fitted.dispose();
    expect(tf.memory().numTensors).toBe(before);
    await expect(fitFsac(clip, normals, config, options)).rejects.toThrow(/options.bestTest/);
    const bestTest = { images, labels, measure };
    await expect(fitFsac(clip, normals, given, { ...options, bestTest })).rejects.toThrow(/options.bestTest/);
  });

  test('a resumed choice by test data is the uninterrupted one, wherever it was interrupted', async () => {
    const images = [...normals, ...['x', 'y', 'z'].map((seed) => grey(seed, 160))];
    const labels = Uint8Array.of(0, 0, 0, 1, 1, 1);
    const measure = (scores: Float64Array) => ({ auroc: auroc(Float32Array.from(scores), labels) });
    const config = { ...given, selection: 'best-test', patience: 3 } as const;
    const choosing = { ...options, bestTest: { images, labels, measure } };
    const files: Uint8Array[] = [];
    const write = (bytes: Uint8Array) => void files.push(bytes.slice());
    const whole = await fitFsac(clip, normals, config, {
      ...choosing,
      checkpoints: { everySteps: 1, write },
    });
    for (const resume of [files[0], files[1], files[files.length >> 1], files[files.length - 1]]) {
      const resumed = await fitFsac(clip, normals, config, { ...choosing, resume });
      expect(resumed.selection).toEqual(whole.selection);
      expect(resumed.model).toEqual(whole.model);
      expect(resumed.history).toEqual(whole.history);
      resumed.dispose();
    }
    await expect(fitFsac(clip, normals, given, { ...options, resume: files[0] })).rejects.toThrow(
      /more tensors/,
    );
    whole.dispose();
  });

  test('images that cannot be used are refused', async () => {
    await expect(fitFsac(clip, [], given, options)).rejects.toThrow(ArgumentError);
    await expect(fitFsac(clip, [ndarray(new Uint8Array(9), [3, 3])], given, options)).rejects.toThrow(
      /images \[H, W, 3\]/,
    );
    const tooSmall = [ndarray(new Uint8Array(48), [4, 4, 3])];
    await expect(
      fitFsac(clip, tooSmall, { ...given, synthesis: { method: 'nsa' } }, options),
    ).rejects.toThrow(/NSA finds a place/);
    await expect(
      fitFsac(clip, [other], { ...given, synthesis: { method: 'nsa', nsaSource: 'other' } }, options),
    ).rejects.toThrow(/nsaSource/);
    await expect(fitFsac(clip, normals, given, { ...options, text: tf.zeros([3, 6]) })).rejects.toThrow(
      /\[2, 6\]/,
    );
  });

  test('the gradient map is the slope of the score', async () => {
    const detector = await fitFsac(clip, [other], short, options);
    const before = tf.memory().numTensors;
    const map = await detector.gradientMap({ image: other });
    expect(map.shape).toEqual([8, 8]);
    expect(tf.memory().numTensors).toBe(before);

    // One grey level more or less in the model's own size is a step of 1/255 in RGB.
    const image = grey('exact', 0, 8);
    const pixel = await detector.gradientMap({ image }, { gradInput: 'pixel' });
    const score = async (change: number, channel: number) => {
      const changed = ndarray(image.data.slice(), [8, 8, 3]);
      changed.set(5, 2, channel, changed.get(5, 2, channel) + change);
      return (await detector.predict({ image: changed })).imageScore;
    };
    let slope = 0;
    for (const channel of [0, 1, 2]) {
      slope += Math.abs(((await score(4, channel)) - (await score(-4, channel))) * (255 / 8)) / 3;
    }
    expect(Math.abs(pixel.get(5, 2) / slope - 1)).toBeLessThan(0.02);

    const native = await loadClip(tinyClipFiles(), {
      towers: ['vision'],
      openImageEncoder: async (checkpoint, config) =>
        createOnnxImageEncoder((await import('onnxruntime-node')) as OnnxRuntime, checkpoint, config),
    });
    const elsewhere = loadFsac(saveFsac(detector), native);
    expect((await elsewhere.predict({ image })).imageScore).toBeCloseTo(await score(0, 0), 5);
    await expect(elsewhere.gradientMap({ image })).rejects.toThrow(EncoderError);
    const tower = clip.vision as VisionTower;
    expect(tower).toBeInstanceOf(VisionTower);
    expect((await elsewhere.gradientMap({ image }, { tower, gradInput: 'pixel' })).data).toEqual(pixel.data);
    detector.dispose();
    elsewhere.dispose();
    await native.dispose();
  });

  test('features are one row per image, before and after the head', async () => {
    const detector = await fitFsac(clip, normals, short, options);
    const before = tf.memory().numTensors;
    const { enhanced, clip: plain, width } = await detector.features([...normals, other]);
    expect([enhanced.length, plain.length, width]).toEqual([24, 24, 6]);
    const alone = await detector.features([other]);
    for (let i = 0; i < 6; i++) expect(alone.enhanced[i]).toBeCloseTo(enhanced[18 + i], 5);
    expect(enhanced).not.toEqual(plain);
    expect(tf.memory().numTensors).toBe(before);
    detector.dispose();
  });

  test('scores of a list are those of its images, and drift by name only', async () => {
    const detector = await fitFsac(clip, normals, { ...short, gamma1: 0.7 }, options);
    const images = [...normals, other, grey('more')];
    const alone = await detector.scoreImages(images);
    for (const [i, image] of images.entries()) {
      expect((await detector.predict({ image })).imageScore).toBeCloseTo(alone[i], 5);
    }
    const batch = { vtScope: 'batch', evalBatch: 2 } as const;
    const grouped = await detector.scoreImages(images, batch);
    expect(grouped[4]).toBeCloseTo(alone[4], 5); // a group of one
    const drifted = await detector.scoreImages(images, { ...batch, evalMode: 'reference-code' });
    expect(Math.abs(drifted[4] - grouped[4])).toBeGreaterThan(1e-4);
    await expect(detector.scoreImages(images, { evalBatch: 0 })).rejects.toThrow(ArgumentError);
    await expect(detector.scoreImages([])).rejects.toThrow(/at least one image/);
    detector.dispose();
  });
});

/** A smooth grey picture of its own. */
function grey(seed: string, offset = 0, side = 24): Image {
  const rng = createRng(seed);
  const [base, slope] = [rng.uniform(40, 90), rng.uniform(0, 60 / side)];
  const data = Uint8Array.from(
    { length: side * side * 3 },
    (_, i) => base + offset + slope * Math.floor(i / (3 * side)) + rng.uniform(0, 8),
  );
  return ndarray(data, [side, side, 3]);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
