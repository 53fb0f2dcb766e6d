import { ArgumentError, FormatError } from '@anomclip/core';
import { setUpBackend } from '@anomclip/core/backend';
import { compiledGradients } from '@anomclip/core/compiled';
import type { OnnxRuntime } from '@anomclip/core/encoder';
import { createImage } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import { ResNet, type ResNetConfig, randomResNetWeights } from '@anomclip/core/resnet';
import { readSafetensors, type TensorToWrite, writeSafetensors } from '@anomclip/core/weights';
import { scanObject } from '@anomclip/synth/objects';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { readMutations } from '../../../core/src/testing/mutations.fixture.js';
import type { BtfSample } from '../btf/btf-detector.js';
import { fitBtf } from '../btf/fit.js';
import { onnxProduct } from '../matrix-products/index.js';
import { coresetSize, type MatrixProduct } from '../memory-bank/index.js';
import type { PartialThreeDzalConfig } from './config.js';
import type { ThreeDzalDetector } from './detector.js';
import { loadThreeDzal } from './detector-file.js';
import { type FitThreeDzalOptions, fitThreeDzal } from './fit.js';
import { fuseOverTestSet } from './score.js';

const rng = createRng('three-dzal');
const scan = (name: string, defect?: 'bulge' | 'dent') =>
  scanObject('bread_roll', rng.fork(name), { height: 120, width: 150, defect, severity: 1 });
const training = [scan('a'), scan('b')];
const donorRng = rng.fork('donor');
const donors = [
  [
    ndarray(
      Float32Array.from({ length: 150 }, () => donorRng.normal(0.5, 0.004)),
      [50, 3],
    ),
  ],
];
const small = {
  size: 64,
  patches: 8,
  pointnet: { variant: 'tiny' },
  positivesPerStep: 2,
  negativeRatio: 2,
  epochs: 1,
} satisfies PartialThreeDzalConfig;
const fit = (config: PartialThreeDzalConfig = {}, options: FitThreeDzalOptions = {}) =>
  fitThreeDzal(training, donors, { ...small, ...config }, options);

beforeAll(() => setUpBackend('wasm'));

describe('a fitted detector', () => {
  let detector: ThreeDzalDetector;
  beforeAll(async () => {
    detector = await fit();
  });

  test('has FPFH and 32 learned numbers per patch, and a tenth of the patches', () => {
    expect(detector.featureSize).toBe(65);
    expect(detector.branches).toEqual(['fpfh', 'learned']);
    expect(detector.bankSize).toBe(12);
    expect(coresetSize(244 * 784, detector.config.coresetRatio)).toBe(19_129); // the paper's bank of bagel
    expect(detector.constants.distanceScale).toBeGreaterThan(0);
  });

  test('sums both terms, leaks nothing, and says the same again and after save and load', async () => {
    const sample = scan('d', 'bulge');
    await detector.predict(scan('e')); // makes the search of the bank, which stays
    const before = tf.memory().numTensors;
    const prediction = await detector.predict(sample);
    expect(tf.memory().numTensors).toBe(before);
    const { distance, classification, imageScore, anomalyMap } = prediction;
    expect(anomalyMap.shape).toEqual([120, 150]);
    expect(imageScore).toBe(distance.score + classification.score);
    expect(anomalyMap.get(60, 75)).toBeCloseTo(
      distance.anomalyMap.get(60, 75) + classification.anomalyMap.get(60, 75),
      5,
    );
    expect(classification.score).toBeGreaterThan(0);
    expect(classification.score).toBeLessThanOrEqual(1);
    expect(await detector.predict(sample)).toEqual(prediction);
    const loaded = loadThreeDzal(await detector.save());
    expect(loaded.config).toEqual(detector.config);
    expect(loaded.constants).toEqual(detector.constants);
    expect(await loaded.predict(sample)).toEqual(prediction);
    loaded.dispose();
    await vi.waitFor(() => expect(tf.memory().numTensors).toBe(before));
  });

  test('searches its bank with the product that it is given, and says the same', async () => {
    const sample = scan('d', 'bulge');
    let sessions = 0;
    const onnx = onnxProduct((await import('onnxruntime-node')) as OnnxRuntime);
    const product: MatrixProduct = {
      ...onnx,
      async prepare(...block) {
        const prepared = await onnx.prepare(...block);
        sessions++;
        return {
          ...prepared,
          async dispose() {
            await prepared.dispose();
            sessions--;
          },
        };
      },
    };
    const loaded = loadThreeDzal(await detector.save(), { product });
    expect(await loaded.predict(sample)).toEqual(await detector.predict(sample));
    expect(sessions).toBe(1);
    loaded.dispose();
    await vi.waitFor(() => expect(sessions).toBe(0));
  });

  test('a scan without points scores 0 everywhere', async () => {
    const xyz = ndarray(new Float32Array(120 * 150 * 3), [120, 150, 3]);
    const { imageScore, anomalyMap } = await detector.predict({ organised: { xyz } });
    expect(imageScore).toBe(0);
    expect(anomalyMap.shape).toEqual([120, 150]);
    expect(anomalyMap.data.every((value) => value === 0)).toBe(true);
  });

  test('a test set spreads both terms over [0, 1]', async () => {
    const predictions = [await detector.predict(scan('d')), await detector.predict(scan('d', 'dent'))];
    const fused = fuseOverTestSet(predictions);
    expect(fused.map(({ distance }) => distance.score).sort()).toEqual([0, 1]);
    const all = fused.flatMap(({ distance }) => [...distance.anomalyMap.data]);
    expect([Math.min(...all.map((value) => value)), all.reduce((a, b) => Math.max(a, b), 0)]).toEqual([0, 1]);
    expect(() => fuseOverTestSet([])).toThrow(ArgumentError);
  });

  test('damaged files are refused as such, and never anything else', async () => {
    const file = await detector.save();
    const { tensors, metadata } = readSafetensors(file);
    const rewritten = (change: (tensors: Map<string, TensorToWrite>) => void, settings = {}) => {
      const changed = new Map<string, TensorToWrite>(tensors);
      change(changed);
      return writeSafetensors(changed, { ...metadata, ...settings });
    };
    const nothing = () => {};
    const wrong = [
      rewritten(nothing, { kind: 'btf' }),
      rewritten(nothing, { version: '2' }),
      rewritten(nothing, { config: '{' }),
      rewritten(nothing, { config: '{"seed":"x"}' }),
      rewritten(nothing, { config: JSON.stringify({ ...small, pointnet: { variant: 'msg' } }) }),
      rewritten(nothing, { constants: '{}' }),
      rewritten(nothing, { constants: '{"patchScale":-1,"learnedScale":1,"distanceScale":1}' }),
      rewritten((all) => all.delete('bank')),
      rewritten((all) => all.delete('networks/learned.last.bias')),
      rewritten((all) => all.set('other', { shape: [1], data: new Float32Array(1) })),
      rewritten((all) => all.set('bank', { shape: [0, 65], data: new Float32Array() })),
      rewritten((all) => all.set('bank', { shape: [1, 64], data: new Float32Array(64) })),
      rewritten((all) => all.set('bank', { shape: [1, 65], data: new Float32Array(65).fill(Number.NaN) })),
      rewritten((all) => all.set('networks/learned.last.bias', { shape: [32], data: new Float64Array(32) })),
      rewritten((all) =>
        all.set('networks/learned.global.0.norm.running_var', {
          shape: [64],
          data: new Float32Array(64).fill(-1),
        }),
      ),
    ];
    const before = tf.memory().numTensors;
    for (const bytes of wrong) expect(() => loadThreeDzal(bytes)).toThrow(FormatError);
    expect(tf.memory().numTensors).toBe(before);
    const settings = new TextEncoder().encode(metadata.config);
    const { valid, refused } = await readMutations([settings], (bytes) =>
      loadThreeDzal(rewritten(nothing, { config: new TextDecoder().decode(bytes) })).dispose(),
    );
    expect(refused).toBeGreaterThan(valid);
    expect(valid).toBeGreaterThan(0);
    expect(tf.memory().numTensors).toBe(before);
    loadThreeDzal(rewritten(nothing)).dispose();
  });

  test('is of no use once disposed, and can be disposed again', async () => {
    detector.dispose();
    detector.dispose();
    await expect(detector.predict(training[0])).rejects.toThrow(ArgumentError);
    await expect(detector.save()).rejects.toThrow('has not been disposed');
  });
});

test('training goes on from a checkpoint exactly, and leaves nothing behind', async () => {
  const before = tf.memory().numTensors;
  const files: Uint8Array[] = [];
  const whole = await fit({}, { checkpoints: { everySteps: 1, write: (bytes) => void files.push(bytes) } });
  const resumed = await fit({}, { resume: files[0] });
  expect(await resumed.save()).toEqual(await whole.save());
  expect(resumed.history).toEqual(whole.history);
  expect([...whole.history.keys()]).toEqual(['total', 'contrastive', 'disentanglement', 'normalcy']);
  const { history } = whole;
  const [total, contrastive, disentanglement, normalcy] = [...history.values()].map(([first]) => first);
  expect(total).toBeCloseTo(contrastive + 100 * disentanglement + normalcy, 3);
  whole.dispose();
  resumed.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('a recorded training step gives the losses of TensorFlow.js', async () => {
  const ort = (await import('onnxruntime-node')) as OnnxRuntime;
  const config = { learned: { dropout: 0.3 }, epochs: 3 } as const;
  const [plain, recorded] = [await fit(config), await fit(config, { gradients: compiledGradients(ort) })];
  for (const [name, values] of recorded.history) {
    const expected = plain.history.get(name) ?? [];
    expect(values).toHaveLength(6);
    // The first steps alone: training multiplies rounding.
    for (const i of [0, 1]) expect(values[i], `${name} ${i}`).toBeCloseTo(expected[i], 2);
  }
  plain.dispose();
  recorded.dispose();
});

test('training moves running statistics of both networks', async () => {
  const detector = await fit();
  const { tensors } = readSafetensors(await detector.save());
  for (const network of ['learned', 'classifier']) {
    const mean = tensors.get(`networks/${network}.global.0.norm.running_mean`)?.data;
    expect(mean instanceof Float32Array && mean.some((value) => value !== 0)).toBe(true);
  }
  detector.dispose();
});

test('without its networks it is BTF, exactly', async () => {
  const off = {
    learned: { enabled: false },
    classifier: { enabled: false },
    fusion: { scale: 'none' },
  } as const;
  const detector = await fit(off);
  const btf = await fitBtf(training, { size: 64, patches: 8 });
  const sample = scan('d', 'bulge');
  const { imageScore, anomalyMap } = await detector.predict(sample);
  const expected = await btf.predict(sample);
  expect(imageScore).toBe(expected.imageScore);
  expect(anomalyMap).toEqual(expected.anomalyMap);
  detector.dispose();
});

test('without perturbation the score is the largest probability of the patches as they are', async () => {
  const perturbed = await fit({ learned: { enabled: false } });
  const plain = await fit({ learned: { enabled: false }, perturb: { eta: 0 } });
  const sample = scan('d');
  const [a, b] = [await perturbed.predict(sample), await plain.predict(sample)];
  expect(a.distance).toEqual(b.distance);
  expect(a.classification.score).not.toBe(b.classification.score);
  perturbed.dispose();
  plain.dispose();
});

test('colours join the features when a network for them is given', async () => {
  const layout: ResNetConfig = { blocks: [1, 1, 1, 1], width: 64 };
  const colourNetwork = await ResNet.load(randomResNetWeights(layout, createRng(2)), layout, {
    lastStage: 3,
  });
  const detector = await fit({ classifier: { enabled: false } }, { colourNetwork });
  expect(detector.featureSize).toBe(1601);
  expect(detector.branches).toEqual(['rgb', 'fpfh', 'learned']);
  const bytes = await detector.save();
  expect(() => loadThreeDzal(bytes)).toThrow('the colour network that the detector was fitted with');
  const loaded = loadThreeDzal(bytes, { colourNetwork });
  const sample = scan('d');
  expect(await loaded.predict(sample)).toEqual(await detector.predict(sample));
  const grey: BtfSample = { ...sample, image: createImage(120, 150) };
  expect(await detector.predict(grey)).not.toEqual(await detector.predict(sample));
  await expect(detector.predict({ organised: sample.organised })).rejects.toThrow('scans with an image');
  detector.dispose();
  loaded.dispose();
  colourNetwork.dispose();
});

test('the other options train and predict too', async () => {
  const detector = await fit(
    {
      patchSampling: 'knn',
      patchNormalization: 'center',
      learned: { dimension: 8, scale: 'match-fpfh', activation: 'relu' },
      classifier: { classWeights: 'balanced' },
      pseudo: { removeMode: 'mixed' },
      disentanglement: { match: 'project', over: 'all', form: 'square' },
      contrastive: { denominator: 'all', reduction: 'mean' },
      coresetOn: 'base',
      mapSize: 'model',
      reweightIncludesSelf: true,
    },
    { calibration: [scan('v')] },
  );
  expect(detector.featureSize).toBe(41);
  const { anomalyMap, imageScore } = await detector.predict(scan('d'));
  expect(anomalyMap.shape).toEqual([64, 64]);
  expect(Number.isFinite(imageScore)).toBe(true);
  expect(detector.toModelGrid(scan('d', 'dent').mask).shape).toEqual([64, 64]);
  detector.dispose();
});

test('refuses to learn from nothing, and leaves nothing behind', async () => {
  const before = tf.memory().numTensors;
  await expect(fitThreeDzal([], donors, small)).rejects.toThrow('at least one normal sample');
  await expect(fitThreeDzal([training[0]], donors, small)).rejects.toThrow('calibration scans');
  await expect(fitThreeDzal(training, [], small)).rejects.toThrow('a donor with at least 8 points');
  await expect(fit({}, { calibration: [] })).rejects.toThrow('at least one calibration scan');
  await expect(fit({}, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  expect(tf.memory().numTensors).toBe(before);
});
