import { ArgumentError, ShapeError } from '@anomclip/core';
import type { Clip } from '@anomclip/core/clip';
import { FeatureCache } from '@anomclip/core/encoder';
import { createRng } from '@anomclip/core/random';
import { createMultiViewSample, renderingOf } from '@anomclip/pointcloud/views';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBackend } from '../../../core/src/testing/backends.fixture.js';
import { smallCloud, smallOptions } from '../../../pointcloud/src/views/small-cloud.fixture.js';
import { pointadConfig } from './config.js';
import { type FitPointadOptions, fitPointad } from './fit.js';
import { initialPrompts } from './prompts.js';
import { tinyClip, tinyConfig, tinySample, tinySamples } from './tiny.fixture.js';

describe.each(['cpu', 'wasm'] as const)('fitting PointAD on %s', (backend) => {
  let clip: Clip;
  const samples = tinySamples();
  beforeAll(async () => {
    await startBackend(backend);
    clip = await tinyClip();
  });
  afterAll(async () => clip?.dispose());

  async function fitted(given = {}, options: FitPointadOptions = {}) {
    const detector = await fitPointad(clip, samples, { ...tinyConfig, ...given }, options);
    const { prompts, text, history } = detector;
    detector.dispose();
    return { prompts, text: text.data, history };
  }

  test('lowers the loss of a fixed batch (pointad.md 11.12, 8)', async () => {
    const { history } = await fitted({ batchSize: 4, epochs: 8 });
    const losses = history.get('total') ?? [];
    expect(losses).toHaveLength(8);
    for (let step = 1; step < 8; step++) expect(losses[step]).toBeLessThan(losses[step - 1]);
    const terms = ['pointGlobal', 'pointLocal', 'viewGlobal', 'viewLocal'];
    const sum = terms.reduce((total, term) => total + (history.get(term)?.[0] ?? Number.NaN), 0);
    expect(sum).toBeCloseTo(losses[0], 4);
  });

  test('changes the prompts, all of them, and nothing of CLIP (pointad.md 11.12, 8)', async () => {
    const encodings = async () => {
      const { image } = await clip.encodeImages(renderingOf(samples[0].views, 0));
      const text = clip.encodeText('damaged part');
      const values = [...(await image.data()), ...(await text.data())];
      tf.dispose([image, text]);
      return values;
    };
    const before = await encodings();
    const untrained = initialPrompts(8, pointadConfig(tinyConfig), createRng(111).fork('prompts'));
    const trained = await fitted();
    expect(await encodings()).toEqual(before);
    expect(Object.keys(trained.prompts)).toEqual(['context.normal', 'context.anomalous', 'deep.0', 'deep.1']);
    for (const [name, { data }] of Object.entries(trained.prompts)) {
      expect(
        data.every((value, i) => value !== untrained[name].data[i]),
        name,
      ).toBe(true);
    }
  });

  test('the same seed gives the same prompts, another seed others', async () => {
    const [first, again, other] = [await fitted(), await fitted(), await fitted({ seed: 112 })];
    expect(again).toEqual(first);
    expect(other.text).not.toEqual(first.text);
  });

  test('goes on from any checkpoint to the same result, bit for bit', async () => {
    const files: Uint8Array[] = [];
    const whole = await fitted(
      {},
      { checkpoints: { everySteps: 1, write: (bytes) => void files.push(bytes) } },
    );
    expect(files).toHaveLength(6);
    for (const resume of [files[0], files[2]]) expect(await fitted({}, { resume })).toEqual(whole);
  });

  test('stops when told to, in the encoding and in the training, and leaves no tensor', async () => {
    const before = tf.memory().numTensors;
    for (const stage of ['encode', 'train']) {
      const controller = new AbortController();
      const fitting = fitPointad(clip, samples, tinyConfig, {
        signal: controller.signal,
        onProgress: (event) => event.stage === stage && controller.abort(new Error(`enough of ${stage}`)),
      });
      await expect(fitting).rejects.toThrow(`enough of ${stage}`);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  test('keeps one tensor, the texts, until it is disposed', async () => {
    const before = tf.memory().numTensors;
    const detector = await fitPointad(clip, samples, tinyConfig);
    expect(tf.memory().numTensors).toBe(before + 1);
    await detector.predict(samples[0]);
    expect(tf.memory().numTensors).toBe(before + 1);
    detector.dispose();
    detector.dispose();
    expect(tf.memory().numTensors).toBe(before);
    await expect(detector.predict(samples[0])).rejects.toThrow('has not been disposed');
  });

  test('tells anomalous domes from normal ones that it was not fitted with', async () => {
    const detector = await fitPointad(clip, samples, { ...tinyConfig, epochs: 10 });
    const [normal, anomalous] = [
      await detector.predict(tinySample(1.05, false)),
      await detector.predict(tinySample(1.05, true)),
    ];
    expect(anomalous.imageScore).toBeGreaterThan(normal.imageScore);
    detector.dispose();
  });

  test('with its features in a store, no image is encoded again, by no vision tower', async () => {
    const stored = new Map<string, Uint8Array>();
    const store = {
      get: async (key: string) => stored.get(key),
      set: async (key: string, bytes: Uint8Array) => void stored.set(key, bytes),
    };
    const features = () => ({ cache: new FeatureCache({ maxBytes: 0, store }), weights: 'tiny' });
    const first = await fitted({}, { features: features() });
    expect(stored.size).toBe(4);
    const { vision, text, tokenizer, config } = clip;
    const blind = { ...vision, config: vision.config, encode: () => Promise.reject(new Error('looked')) };
    const second = await fitPointad(
      { vision: blind as unknown as typeof vision, text, tokenizer, config },
      samples,
      tinyConfig,
      { features: features() },
    );
    expect(second.text.data).toEqual(first.text);
    await expect(second.predict(samples[0])).rejects.toThrow('looked');
    second.dispose();
  });

  test('the label of the folder counts, or that of the points', async () => {
    const mislabelled = samples.map((sample) => ({ ...sample, label: 0 as const }));
    const lossOf = async (given: typeof samples, source: 'folder' | 'mask') => {
      const config = { ...tinyConfig, epochs: 1, batchSize: 4, label: { source } };
      const detector = await fitPointad(clip, given, config);
      detector.dispose();
      return detector.history.get('pointGlobal');
    };
    const fromPoints = await lossOf(samples, 'folder');
    expect(await lossOf(mislabelled, 'mask')).toEqual(fromPoints);
    expect(await lossOf(mislabelled, 'folder')).not.toEqual(fromPoints);
  });

  test('class names enter class-aware prompts, in training and afterwards', async () => {
    const config = { ...tinyConfig, prompt: { length: 3, mode: 'classAware' as const } };
    const detector = await fitPointad(clip, samples, config, { className: 'flawless_part' });
    const same = await detector.forClass('FlawlessPart');
    const other = await detector.forClass('part');
    expect(same.text).toEqual(detector.text);
    expect(other.text).not.toEqual(detector.text);
    expect(other.prompts).toEqual(detector.prompts);
    for (const each of [detector, same, other]) each.dispose();
  });

  test('samples that do not fit are refused, and no tensor is left', async () => {
    const before = tf.memory().numTensors;
    const unlabelled = { views: { ...samples[0].views, targets: undefined } };
    const blind = { views: { ...samples[0].views, correspondences: undefined } };
    const single = { views: createMultiViewSample(smallCloud(), { ...smallOptions, views: { count: 1 } }) };
    await expect(fitPointad(clip, [], tinyConfig)).rejects.toThrow(ArgumentError);
    await expect(fitPointad(clip, [samples[0], unlabelled as never], tinyConfig)).rejects.toThrow(
      'sample 1 without labels',
    );
    await expect(fitPointad(clip, [blind as never], tinyConfig)).rejects.toThrow(
      'sample 0 without correspondences',
    );
    await expect(fitPointad(clip, [samples[0], single], tinyConfig)).rejects.toThrow(ShapeError);
    const long = { ...tinyConfig, prompt: { length: 11 } };
    await expect(fitPointad(clip, samples, long)).rejects.toThrow('at most 9 learnable vectors');
    expect(tf.memory().numTensors).toBe(before);
  });
});
