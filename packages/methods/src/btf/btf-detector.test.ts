import { ArgumentError, FormatError, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import { readSafetensors, writeSafetensors } from '@anomclip/core/weights';
import { scanObject } from '@anomclip/synth/objects';
import ndarray from 'ndarray';
import { beforeAll, describe, expect, test } from 'vitest';
import { auroc } from '../testing/auroc.js';
import { type BtfDetector, type BtfSample, loadBtf } from './btf-detector.js';
import type { BtfConfig } from './config.js';
import { fitBtf } from './fit.js';

const rng = createRng('btf');
/** Small and coarse, so that every test fits in a blink. */
const small: Partial<BtfConfig> = { size: 64, patches: 16 };
const scan = (name: string, defect?: 'bulge' | 'dent') =>
  scanObject('bread_roll', rng.fork(name), { height: 120, width: 150, defect, severity: 1 });
const training = [scan('a'), scan('b'), scan('c')];
const emptyScan: BtfSample = { organised: { xyz: ndarray(new Float32Array(120 * 150 * 3), [120, 150, 3]) } };

describe('a fitted detector', () => {
  let detector: BtfDetector;
  beforeAll(async () => {
    detector = await fitBtf(training, small);
  });

  test('keeps a tenth of the patches', () => {
    expect(detector.bankSize).toBe(Math.floor(0.1 * 3 * 256));
  });

  test.each(['bulge', 'dent'] as const)('finds a %s, in the map and by the image score', async (defect) => {
    const anomalous = scan('d', defect);
    const prediction = await detector.predict(anomalous);
    const normal = await detector.predict(scan('d'));
    expect(prediction.anomalyMap?.shape).toEqual([120, 150]);
    expect(auroc(prediction.anomalyMap?.data ?? new Float32Array(), anomalous.mask.data)).toBeGreaterThan(
      0.8,
    );
    expect(prediction.imageScore).toBeGreaterThan(normal.imageScore);
  });

  test('gives the same prediction again, and after save and load', async () => {
    const sample = scan('e', 'bulge');
    const prediction = await detector.predict(sample);
    expect(await detector.predict(sample)).toEqual(prediction);
    const loaded = loadBtf(detector.save());
    expect(loaded.config).toEqual(detector.config);
    expect(await loaded.predict(sample)).toEqual(prediction);
  });

  test('a scan without points scores 0 everywhere', async () => {
    const { imageScore, anomalyMap } = await detector.predict(emptyScan);
    expect(imageScore).toBe(0);
    expect(anomalyMap?.shape).toEqual([120, 150]);
    expect(anomalyMap?.data.every((value) => value === 0)).toBe(true);
  });

  test('a scan of one point has no shape, and its patches are those of the background', async () => {
    const raw = await fitBtf(training, { ...small, preprocess: 'raw' });
    const xyz = ndarray(new Float32Array(120 * 150 * 3), [120, 150, 3]);
    for (let row = 60; row < 63; row++) xyz.set(row, 75, 2, 0.5); // x and y are 0: missing by BTF's test
    xyz.set(60, 75, 0, 0.01);
    xyz.set(60, 75, 1, 0.01);
    const { imageScore, anomalyMap } = await raw.predict({ organised: { xyz } });
    expect(Number.isFinite(imageScore)).toBe(true);
    expect(new Set(anomalyMap?.data).size).toBe(1);
  });

  test('stops when told to', async () => {
    await expect(
      detector.predict(training[0], { signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough');
  });

  test('refuses a grid that is none', async () => {
    const organised = { xyz: ndarray(new Float32Array(12), [4, 3]) };
    await expect(detector.predict({ organised })).rejects.toThrow(ShapeError);
  });
});

test('on the model’s grid, the map is the padded scan’s and a mask follows it', async () => {
  const detector = await fitBtf(training, { ...small, mapSize: 'model' });
  const anomalous = scan('d', 'bulge');
  const { anomalyMap } = await detector.predict(anomalous);
  const mask = detector.toModelGrid(anomalous.mask);
  expect(anomalyMap?.shape).toEqual([64, 64]);
  expect(mask.shape).toEqual([64, 64]);
  expect(auroc(anomalyMap?.data ?? new Float32Array(), mask.data)).toBeGreaterThan(0.9);
});

test('trained and tested on the same scan without a coreset, all distances are 0', async () => {
  const detector = await fitBtf([training[0]], { ...small, coresetRatio: 1 });
  const { imageScore, anomalyMap } = await detector.predict(training[0]);
  expect(imageScore).toBe(0);
  expect(anomalyMap?.data.every((value) => value === 0)).toBe(true);
});

test('a larger defect of the same kind scores higher, whatever the blur', async () => {
  for (const blur of ['pillow8', 'float', 'none'] as const) {
    const detector = await fitBtf(training, { ...small, blur });
    const { anomalyMap } = await detector.predict(scan('d', 'bulge'));
    const { anomalyMap: normal } = await detector.predict(scan('d'));
    const largest = (values: Float32Array = new Float32Array()) => values.reduce((a, b) => Math.max(a, b), 0);
    expect(largest(anomalyMap?.data)).toBeGreaterThan(largest(normal?.data));
  }
});

test('takes any stream of scans once, one at a time, and reports its steps', async () => {
  const events: string[] = [];
  async function* stream() {
    for (const sample of training) {
      events.push('taken');
      yield sample;
    }
  }
  const onProgress = ({ stage, done, total }: { stage: string; done: number; total?: number }) => {
    if (stage === 'features' || done === total) events.push(`${stage} ${done}/${total}`);
  };
  const streamed = await fitBtf(stream(), small, { onProgress });
  expect(events).toEqual([
    'taken',
    'features 1/undefined',
    'taken',
    'features 2/undefined',
    'taken',
    'features 3/undefined',
    'coreset 76/76',
  ]);
  expect(streamed.save()).toEqual((await fitBtf(training, small)).save());
});

test('training stops when told to', async () => {
  const controller = new AbortController();
  const onProgress = () => controller.abort(new Error('enough'));
  await expect(fitBtf(training, small, { signal: controller.signal, onProgress })).rejects.toThrow('enough');
});

test('refuses to learn from nothing', async () => {
  await expect(fitBtf([], small)).rejects.toThrow('fitBtf: expected at least one normal sample, got "none"');
  await expect(fitBtf([training[0], emptyScan], small)).rejects.toThrow('sample 1 without any');
});

test('is of no use once disposed, and can be disposed again', async () => {
  const detector = await fitBtf([training[0]], small);
  detector.dispose();
  detector.dispose();
  await expect(detector.predict(training[0])).rejects.toThrow(ArgumentError);
  expect(() => detector.save()).toThrow('has not been disposed');
});

describe('loading refuses', () => {
  const bank = { shape: [1, 33], data: new Float32Array(33) };
  const metadata = { kind: 'btf', version: '1', config: '{}' };
  test.each([
    ['bytes that are no safetensors file', () => new Uint8Array(40)],
    ['another kind', () => writeSafetensors({ bank }, { ...metadata, kind: 'btf-cloud' })],
    ['no kind at all', () => writeSafetensors({ bank })],
    ['another version', () => writeSafetensors({ bank }, { ...metadata, version: '2' })],
    ['no bank', () => writeSafetensors({}, metadata)],
    ['more than the bank', () => writeSafetensors({ bank, other: bank }, metadata)],
    [
      'an empty bank',
      () => writeSafetensors({ bank: { shape: [0, 33], data: new Float32Array() } }, metadata),
    ],
    [
      'rows of another length',
      () => writeSafetensors({ bank: { shape: [33, 1], data: bank.data } }, metadata),
    ],
    [
      'another type',
      () => writeSafetensors({ bank: { shape: [1, 33], data: new Float64Array(33) } }, metadata),
    ],
    [
      'NaN',
      () => writeSafetensors({ bank: { shape: [1, 33], data: bank.data.map(() => Number.NaN) } }, metadata),
    ],
    ['a config that is no JSON', () => writeSafetensors({ bank }, { ...metadata, config: '{' })],
    ['a config that is no object', () => writeSafetensors({ bank }, { ...metadata, config: '7' })],
    ['an unknown name', () => writeSafetensors({ bank }, { ...metadata, config: '{"sise":224}' })],
    [
      'a value that cannot work',
      () => writeSafetensors({ bank }, { ...metadata, config: '{"coresetRatio":-1}' }),
    ],
    [
      'a modality of a later library',
      () => writeSafetensors({ bank }, { ...metadata, config: '{"modality":"rgb"}' }),
    ],
  ])('%s', (_, bytes) => {
    expect(() => loadBtf(bytes())).toThrow(FormatError);
  });

  test('and takes the same file without the mistake', () => {
    const detector = loadBtf(writeSafetensors({ bank }, metadata));
    expect(detector.bankSize).toBe(1);
    expect(readSafetensors(detector.save()).tensors.get('bank')?.data).toEqual(bank.data);
  });
});
