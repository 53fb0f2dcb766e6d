import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { ArgumentError, FormatError, ShapeError } from '../errors.js';
import { createRng } from '../random/index.js';
import { largestDifference } from '../testing/arrays.fixture.js';
import { describeOnBackends, startBackend } from '../testing/backends.fixture.js';
import { GoldenFile } from '../testing/golden.fixture.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import { type ResNetConfig, type ResNetStage, resNet50, wideResNet50 } from './config.js';
import { randomResNetWeights } from './random-weights.js';
import { ResNet } from './resnet.js';

/** Small enough for the cpu backend. */
const thin: ResNetConfig = { blocks: [1, 2, 1, 1], width: 2 };

describeOnBackends('the golden ResNet', () => {
  test('every stage equals torchvision, and nothing leaks', async () => {
    const golden = new GoldenFile('golden/resnet-thin.safetensors');
    const blocks = JSON.parse(golden.metadata.layers) as ResNetConfig['blocks'];
    const config = { blocks, width: Number(golden.metadata.width_per_group) };
    const { values, shape } = golden.nhwc('input.image_nchw');
    const before = tf.memory().numTensors;
    const network = await ResNet.load(golden.checkpoint('weights.'), config, { lastStage: 3 });
    const images = tf.tensor4d(values, shape);
    const loaded = tf.memory().numTensors;
    const features = network.features(images, [3, 1, 2]);
    expect(tf.memory().numTensors).toBe(loaded + 3);
    expect([...features.keys()]).toEqual([1, 2, 3]);
    for (const [stage, actual] of features) {
      const expected = golden.nhwc(`output.layer${stage}`);
      expect(actual.shape).toEqual(expected.shape);
      expect(largestDifference(await actual.data(), expected.values), `stage ${stage}`).toBeLessThan(1e-4);
    }
    tf.dispose([images, ...features.values()]);
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('ResNet', () => {
  beforeAll(async () => {
    await startBackend('cpu');
  });

  test.each([
    ['ResNet-50', resNet50, 25_557_032],
    ['Wide ResNet-50-2', wideResNet50, 68_883_240],
  ])('%s has the published number of parameters', (_, config, expected) => {
    let count = 2048 * 1000 + 1000; // the classifier, which is not ours
    for (const [name, shape] of randomResNetWeights(config, createRng(0)).shapes) {
      if (!name.includes('running')) count += shape.reduce((product, side) => product * side, 1);
    }
    expect(count).toBe(expected);
  });

  test('sides that are not multiples of 32 are rounded up at each stage, as in torchvision', async () => {
    const network = await ResNet.load(randomResNetWeights(thin, createRng(1)), thin);
    const shapes = tf.tidy(() =>
      [...network.features(tf.ones([2, 50, 37, 3]), [1, 2, 3, 4]).values()].map(({ shape }) => shape),
    );
    expect(shapes).toEqual([
      [2, 13, 10, 256],
      [2, 7, 5, 512],
      [2, 4, 3, 1024],
      [2, 2, 2, 2048],
    ]);
    network.dispose();
  });

  test('a random network scales its outputs with its input, whichever fan', async () => {
    const images = tf.randomUniform<tf.Rank.R4>([1, 32, 32, 3], 0, 1, 'float32', 5);
    for (const fan of ['out', 'in'] as const) {
      const weights = randomResNetWeights(thin, createRng(2), { fan });
      const network = await ResNet.load(weights, thin, { lastStage: 2 });
      const [plain, threefold] = await outputs(network, [images, tf.mul(images, 3)], 2);
      expect(Math.max(...plain)).toBeGreaterThan(0);
      expect(
        largestDifference(
          threefold,
          plain.map((value) => 3 * value),
        ),
      ).toBeLessThan(1e-5 * Math.max(...threefold));
      network.dispose();
    }
  });

  test('random weights have the variance 2 / fan and do not depend on the order of reading', async () => {
    const name = 'layer2.0.conv2.weight';
    const config: ResNetConfig = { blocks: [1, 1, 1, 1], width: 32 };
    const first = randomResNetWeights(config, createRng(3));
    await first.read('conv1.weight');
    const values = await first.read(name);
    expect(values).toEqual(await randomResNetWeights(config, createRng(3)).read(name));
    expect(values).not.toEqual(await randomResNetWeights(config, createRng(4)).read(name));
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(variance / (2 / (9 * 64))).toBeCloseTo(1, 1);
  });

  test('a weight that is missing or misshapen is named, and nothing leaks', async () => {
    const before = tf.memory().numTensors;
    const whole = randomResNetWeights(thin, createRng(1));
    const name = 'layer2.1.bn3.running_var';
    const without = changed(whole, (shapes) => shapes.delete(name));
    await expect(ResNet.load(without, thin)).rejects.toThrow(FormatError);
    await expect(ResNet.load(without, thin)).rejects.toThrow(/layer2\.1\.bn3\.running_var is missing/);
    const misshapen = changed(whole, (shapes) => shapes.set(name, [4]));
    await expect(ResNet.load(misshapen, thin)).rejects.toThrow(
      /has shape \[4\], the configuration says \[512\]/,
    );
    expect(tf.memory().numTensors).toBe(before);
    // What is not loaded is not missed.
    (await ResNet.load(without, thin, { lastStage: 1 })).dispose();
  });

  test('images and stages are checked', async () => {
    const network = await ResNet.load(randomResNetWeights(thin, createRng(1)), thin, { lastStage: 2 });
    const planar = tf.ones<tf.Rank.R4>([1, 3, 32, 32]);
    expect(() => network.features(planar, [1])).toThrow(ShapeError);
    expect(() => network.features(tf.ones([1, 32, 32, 3]), [3])).toThrow(ArgumentError);
    network.dispose();
  });
});

async function outputs(network: ResNet, images: readonly tf.Tensor4D[], stage: ResNetStage) {
  return Promise.all(
    images.map(async (image) => {
      const features = tf.tidy(() => network.features(image, [stage]).get(stage));
      return (await features?.data<'float32'>()) ?? new Float32Array();
    }),
  );
}

function changed(
  checkpoint: Checkpoint,
  change: (shapes: Map<string, readonly number[]>) => void,
): Checkpoint {
  const shapes = new Map(checkpoint.shapes);
  change(shapes);
  return { shapes, read: (name) => checkpoint.read(name) };
}
