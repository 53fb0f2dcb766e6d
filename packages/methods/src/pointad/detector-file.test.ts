import { readFileSync } from 'node:fs';
import { ArgumentError, FormatError } from '@anomclip/core';
import { Clip, TextTower, VisionTower, wordTokenizer } from '@anomclip/core/clip';
import { byteSource, pytorchCheckpoint, writeSafetensors } from '@anomclip/core/weights';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { largestDifference } from '../../../core/src/testing/arrays.fixture.js';
import { startBackend } from '../../../core/src/testing/backends.fixture.js';
import { GoldenFile, hasShared, sharedFolder } from '../../../core/src/testing/golden.fixture.js';
import { readMutations } from '../../../core/src/testing/mutations.fixture.js';
import { pointadGolden } from '../../../core/src/testing/pointad.fixture.js';
import { pointadConfig } from './config.js';
import { loadPointad, loadPointadPrompts, savePointad, savePointadPrompts } from './detector-file.js';
import { type FittedPointad, fitPointad } from './fit.js';
import { tinyClip, tinyConfig, tinySample, tinySamples } from './tiny.fixture.js';

describe('a saved detector', () => {
  let clip: Clip;
  let detector: FittedPointad;
  const sample = tinySample(1.2, true);
  beforeAll(async () => {
    await startBackend('wasm');
    clip = await tinyClip();
    detector = await fitPointad(clip, tinySamples(2), { ...tinyConfig, epochs: 1, temperature: 0.1 });
  });
  afterAll(async () => {
    detector?.dispose();
    await clip?.dispose();
  });

  test('predicts the same from its texts, with the vision tower alone', async () => {
    const loaded = loadPointad(savePointad(detector), { vision: clip.vision, config: clip.config });
    expect(loaded.config).toEqual(detector.config);
    expect(loaded.text).toEqual(detector.text);
    expect(await loaded.predict(sample)).toEqual(await detector.predict(sample));
    loaded.dispose();
  });

  test('predicts the same from its prompts', async () => {
    const loaded = await loadPointadPrompts(savePointadPrompts(detector), clip);
    expect(loaded.prompts).toEqual(detector.prompts);
    expect(await loaded.predict(sample)).toEqual(await detector.predict(sample));
    loaded.dispose();
  });

  test('is small: texts, and a configuration', () => {
    expect(savePointad(detector).byteLength).toBeLessThan(4 * 2 * 6 + 1500);
  });

  test('is refused by a model of another width', () => {
    const wide = { ...clip.config, embeddingWidth: 8 };
    expect(() => loadPointad(savePointad(detector), { vision: clip.vision, config: wide })).toThrow(
      'embeddings of 6 numbers, as the detector was fitted with, got 8',
    );
  });

  test.each([
    ['another kind', { kind: 'btf' }, { text: [2, 6] }, 'wanted "pointad", version "1"'],
    ['another version', { version: '2' }, { text: [2, 6] }, 'wanted "pointad", version "1"'],
    ['no texts', {}, { texts: [2, 6] }, 'wanted "text" [2, D] alone'],
    ['more than texts', {}, { text: [2, 6], more: [1] }, 'wanted "text" [2, D] alone'],
    ['three texts', {}, { text: [3, 6] }, 'wanted "text" [2, D] alone'],
    ['no configuration', { config: 'x' }, { text: [2, 6] }, 'its config cannot be used'],
    ['a configuration of null', { config: 'null' }, { text: [2, 6] }, 'not a JSON object'],
    ['an unknown option', { config: '{"epoch":1}' }, { text: [2, 6] }, 'its config cannot be used'],
    ['a number for a group', { config: '{"prompt":3}' }, { text: [2, 6] }, 'its config cannot be used'],
  ])('with %s is refused', (_what, metadata, shapes, message) => {
    const tensors = Object.entries(shapes).map(([name, shape]) => {
      const length = (shape as number[]).reduce((product, side) => product * side, 1);
      return [name, { shape, data: new Float32Array(length) }] as const;
    });
    const file = writeSafetensors(Object.fromEntries(tensors), {
      kind: 'pointad',
      version: '1',
      config: '{}',
      ...metadata,
    });
    expect(() => loadPointad(file, clip)).toThrow(FormatError);
    expect(() => loadPointad(file, clip)).toThrow(message);
  });

  test('with numbers that are not finite is refused', () => {
    const data = new Float32Array(12).fill(Number.NaN);
    const metadata = { kind: 'pointad', version: '1', config: '{}' };
    expect(() => loadPointad(writeSafetensors({ text: { shape: [2, 6], data } }, metadata), clip)).toThrow(
      'text does not hold finite float32 numbers',
    );
  });

  test('every damaged copy is read or refused, and nothing else happens', async () => {
    const texts = await readMutations([savePointad(detector)], (bytes) => loadPointad(bytes, clip).dispose());
    const prompts = await readMutations([savePointadPrompts(detector)], async (bytes) =>
      (await loadPointadPrompts(bytes, clip)).dispose(),
    );
    expect(texts.refused).toBeGreaterThan(50);
    expect(prompts.refused).toBeGreaterThan(50);
  });

  test('prompts with a hole, or of different lengths, are refused', async () => {
    const { prompts } = detector;
    const metadata = { kind: 'pointad-prompts', version: '1', config: JSON.stringify(detector.config) };
    const load = (tensors: typeof prompts) => loadPointadPrompts(writeSafetensors(tensors, metadata), clip);
    const { 'deep.0': _first, ...hole } = prompts;
    await expect(load(hole)).rejects.toThrow('deep.1 is not one of');
    const short = { shape: [2, 8], data: new Float32Array(16) };
    await expect(load({ ...prompts, 'context.normal': short })).rejects.toThrow('wanted two alike');
    await expect(load({})).rejects.toThrow('wanted the contexts of both prompts');
    await expect(
      loadPointadPrompts(savePointadPrompts(detector), clip, { config: detector.config }),
    ).rejects.toThrow(ArgumentError);
  });
});

describe.skipIf(!hasShared)("the authors' checkpoint (skipped where ../shared is absent)", () => {
  test('its prompts are loaded, and give texts of unit length', async () => {
    await startBackend('cpu');
    const { config, checkpoint } = pointadGolden();
    const clip = new Clip(config, {
      vision: await VisionTower.load(checkpoint, config),
      text: await TextTower.load(checkpoint, config),
      tokenizer: wordTokenizer({
        start: 49406,
        end: 49407,
        contextLength: 77,
        ids: new Map([
          ['damaged', 13568],
          ['object', 14115],
          ['.', 269],
        ]),
      }),
    });
    const file = readFileSync(`${sharedFolder}/golden/checkpoints/prompt-learner.pth`);
    const source = await pytorchCheckpoint(byteSource(file));
    const detector = await loadPointadPrompts(source, clip);
    expect(detector.config).toEqual(pointadConfig({}, 'released'));

    const expected = new GoldenFile('golden/checkpoints/expected.safetensors');
    const valuesOf = (name: string) => {
      const full = expected.names.find((each) => each.endsWith(name));
      return full === undefined ? undefined : expected.values(full);
    };
    expect(detector.prompts['context.normal'].shape).toEqual([12, 64]);
    expect(detector.prompts['context.normal'].data).toEqual(
      valuesOf('ctx_pos') ?? (await source.read('prompt_learner.ctx_pos')),
    );
    expect(detector.prompts['context.anomalous'].data).toEqual(await source.read('prompt_learner.ctx_neg'));
    const deep = Object.keys(detector.prompts).filter((name) => name.startsWith('deep.'));
    expect(deep.length).toBe(
      [...source.shapes.keys()].filter((name) => /compound_prompts_text\.\d+$/.test(name)).length,
    );
    const { data, width } = detector.text;
    for (const row of [0, 1])
      expect(Math.hypot(...data.subarray(row * width, (row + 1) * width))).toBeCloseTo(1, 5);

    // What our own file keeps of them gives the same texts.
    const again = await loadPointadPrompts(savePointadPrompts(detector), clip);
    expect(largestDifference(again.text.data, data)).toBe(0);
    for (const each of [detector, again]) each.dispose();
    await clip.dispose();
  });
});
