import { setUpBackend } from '@anomclip/core/backend';
import { createRng } from '@anomclip/core/random';
import { ResNet, type ResNetConfig, randomResNetWeights } from '@anomclip/core/resnet';
import { pointsOfInterest } from '@anomclip/synth/cloud';
import { scanObject } from '@anomclip/synth/objects';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { largestDifference } from '../../../core/src/testing/arrays.fixture.js';
import { scanToModelGrid } from '../btf/model-grid.js';
import { attentionMap } from './attention.js';
import { threeDzalConfig } from './config.js';
import { attentionNetwork, drawn, pointsToDonate } from './donors.js';

/** One block per stage. */
const small: ResNetConfig = { blocks: [1, 1, 1, 1], width: 64 };
const scan = scanObject('bread_roll', createRng('attention'), { height: 120, width: 150 });
const config = threeDzalConfig({ size: 64, patches: 8, donors: { share: 0.01 } });
const { organised } = scanToModelGrid({ organised: scan.organised }, config);
let network: ResNet;

beforeAll(async () => {
  await setUpBackend('wasm');
  network = await ResNet.load(randomResNetWeights(small, createRng(1)), small, { lastStage: 3 });
});
afterAll(() => network.dispose());

test('the attention lies in [0, 1], and nothing leaks', async () => {
  const before = tf.memory().numTensors;
  const map = await attentionMap(organised, network, { input: 'raw', missing: 'any-zero' });
  expect(map.shape).toEqual([64, 64]);
  expect(Math.min(...map.data)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...map.data)).toBeLessThanOrEqual(1);
  expect(new Set(map.data).size).toBeGreaterThan(1000);
  expect(tf.memory().numTensors).toBe(before);
});

test('a scan of another unit has the same points of interest', async () => {
  const scaled = {
    xyz: ndarray(
      organised.xyz.data.map((value) => 10 * value),
      [64, 64, 3],
    ),
  };
  const pointsOf = async (cloud: typeof organised) =>
    pointsOfInterest(cloud, await attentionMap(cloud, network, { input: 'raw', missing: 'any-zero' }), {
      share: 0.01,
    });
  const [points, ofScaled] = [await pointsOf(organised), await pointsOf(scaled)];
  const expected = points.data.map((value) => 10 * value);
  expect(largestDifference(ofScaled.data, expected)).toBeLessThan(1e-5);
});

test('centred input does not see where a scan lies', async () => {
  const moved = {
    xyz: ndarray(
      organised.xyz.data.map((value) => (value === 0 ? 0 : value + 0.5)),
      [64, 64, 3],
    ),
  };
  const of = (cloud: typeof organised) =>
    attentionMap(cloud, network, { input: 'centred', missing: 'any-zero' });
  const [here, there] = [await of(organised), await of(moved)];
  expect(largestDifference(there.data, here.data)).toBeLessThan(1e-3);
});

test('batch norms with the statistics of the scan find other points, and do not see its unit or the fan', async () => {
  const attentionOf = async (fan: 'out' | 'in', batchNorm: 'identity' | 'batch', factor = 1) => {
    const settings = threeDzalConfig({ randomCnn: { fan, batchNorm } });
    const made = await attentionNetwork(settings);
    const xyz = ndarray(
      organised.xyz.data.map((value) => factor * value),
      [64, 64, 3],
    );
    const map = await attentionMap({ xyz }, made, { input: 'raw', missing: 'any-zero' });
    made.dispose();
    return map.data;
  };
  const map = await attentionOf('out', 'batch', 1000);
  expect(largestDifference(await attentionOf('in', 'batch', 1e6), map)).toBeLessThan(1e-3);
  expect(largestDifference(await attentionOf('out', 'identity'), map)).toBeGreaterThan(0.1);
});

test('donors are described one after another, and an array gives no more than are wanted', async () => {
  const steps: string[] = [];
  const wanted = { size: 64, patches: 8, donors: { share: 0.01, perClass: 2 } };
  const points = await pointsToDonate([scan, scan, scan], wanted, {
    network,
    onProgress: ({ stage, done, total }) => steps.push(`${stage} ${done}/${total}`),
  });
  expect(points.map(({ shape }) => shape)).toEqual([
    [41, 3],
    [41, 3],
  ]);
  expect(steps).toEqual(['donors 1/2', 'donors 2/2']);
  expect(drawn([...'abcdef'], 3, createRng(0))).toEqual(drawn([...'abcdef'], 3, createRng(0)));
  expect(drawn([...'abc'], 0, createRng(0))).toEqual([...'abc']);
});

test('a scan at the paper’s size gives 50 points', async () => {
  const [points] = await pointsToDonate([scan], {}, { network });
  expect(points.shape).toEqual([50, 3]);
});
