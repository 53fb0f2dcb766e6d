import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { transposed } from '../clip/transposed.js';
import { ArgumentError, ShapeError } from '../errors.js';
import { createRng } from '../random/index.js';
import { largestDifference } from '../testing/arrays.fixture.js';
import { describeOnBackends, startBackend } from '../testing/backends.fixture.js';
import { GoldenFile } from '../testing/golden.fixture.js';
import { adam, ModelState, train } from '../training/index.js';
import { type PointNetConfig, pointNetMsg, pointNetSsg, pointNetTiny } from './config.js';
import { ballQuery, farthestPoints } from './grouping.js';
import { PointNet } from './pointnet.js';
import {
  chooseGroups,
  describeGroups,
  describeNeighbours,
  groupPoints,
  levelRows,
} from './set-abstraction.js';
import { addMlp } from './shared-mlp.js';

/** Small enough to train in a test. */
const small: Omit<PointNetConfig, 'outputs' | 'dropout'> = {
  levels: [{ centres: 8, scales: [{ radius: 0.8, groupSize: 8, widths: [8, 16] }] }],
  globalWidths: [16, 32],
  headWidths: [16],
  headNorm: true,
};

describeOnBackends('the golden set abstraction', () => {
  test('indices, features, gradients and running statistics equal PyTorch, and nothing leaks', async () => {
    const before = tf.memory().numTensors;
    const golden = new GoldenFile('golden/pointnet2.safetensors');
    const [batch, count] = golden.shape('input.xyz');
    const [, centreCount] = golden.shape('fps_indices');
    const [radius, groupSize] = [Number(golden.metadata.radius), Number(golden.metadata.k)];
    const groups = chooseGroups(golden.values('input.xyz'), batch, centreCount, [{ radius, groupSize }]);
    expect([...groups.centres]).toEqual([...golden.values('fps_indices')]);
    expect([...groups.neighbours[0]]).toEqual([...golden.values('ball_indices')]);

    const { state, layers } = goldenMlp(golden);
    const points = tf.tensor3d(golden.values('input.xyz'), [batch, count, 3]);
    const features = tf.tensor3d(
      golden.values('input.features'),
      golden.shape('input.features') as [number, number, number],
    );
    const rows = levelRows(groups, batch, count);
    const grouped = groupPoints(points, features, rows.centres, rows.neighbours[0]);
    tf.dispose([rows.centres, ...rows.neighbours]);
    const close = async (actual: tf.Tensor, name: string) => {
      const expected = golden.values(name);
      const values = await actual.data();
      // Gradients are sums of hundreds of terms: relative to the largest.
      const scale = name.startsWith('grad') ? Math.max(...expected.map(Math.abs)) : 1;
      expect(largestDifference(values, expected), name).toBeLessThan(1e-4 * scale);
      actual.dispose();
    };
    await close(
      tf.tidy(() => tf.transpose(grouped, [0, 3, 1, 2])),
      'grouped',
    );

    // One training step: gradients of Σ output · linspace(−1, 1), output as [B, D, S].
    const [, width] = golden.shape('output');
    const slope = tf.tidy(() =>
      tf.transpose(
        tf.reshape(tf.linspace(-1, 1, batch * width * centreCount), [batch, width, centreCount]),
        [0, 2, 1],
      ),
    );
    const names = ['mlp.0.weight', 'mlp.0.norm.weight', 'mlp.1.weight'];
    const variables = names.flatMap((name) => state.parameters.get(name) ?? []);
    const gradients = tf.tidy(() =>
      tf.grads((x) => tf.sum(tf.mul(describeGroups(x as tf.Tensor4D, layers, true), slope)))([
        grouped,
        ...variables,
      ]),
    );
    await close(
      tf.tidy(() => tf.transpose(gradients[0], [0, 3, 1, 2])),
      'grad.grouped',
    );
    await close(
      tf.tidy(() => tf.transpose(gradients[1])),
      'grad.conv1.weight',
    );
    await close(gradients[2], 'grad.bn1.weight');
    await close(
      tf.tidy(() => tf.transpose(gradients[3])),
      'grad.conv2.weight',
    );
    tf.dispose(gradients);
    for (const layer of [0, 1]) {
      for (const part of ['mean', 'var']) {
        const buffer = state.buffers.get(`mlp.${layer}.norm.running_${part}`) ?? tf.scalar(Number.NaN);
        await close(tf.clone(buffer), `after.bn${layer + 1}.running_${part}`);
      }
    }
    await close(
      tf.tidy(() => tf.transpose(describeGroups(grouped, layers, true), [0, 2, 1])),
      'output',
    );
    tf.dispose([points, features, grouped, slope]);
    state.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe.each(['cpu', 'wasm'] as const)('PointNet on %s', (backend) => {
  beforeAll(async () => {
    await startBackend(backend);
  });

  test('learns to tell a ball from a plate, and evaluates with its running statistics', async () => {
    const network = new PointNet({ ...small, dropout: 0.2, outputs: 2 }, createRng(1));
    const optimiser = adam([{ parameters: network.state.parameters, learningRate: 0.01 }]);
    const clouds = makeClouds(16);
    const held = tf.memory().numTensors;
    const inputs = (samples: ArrayLike<number>) => {
      const values = Float32Array.from(Array.from(samples).flatMap((i) => [...clouds[i].points]));
      const points = tf.tensor3d(values, [samples.length, 64, 3]);
      return { points, groups: network.chooseGroups(values, samples.length) };
    };
    const history = await train(
      {
        state: network.state,
        sampleCount: clouds.length,
        batch: (samples) => ({
          ...inputs(samples),
          labels: tf.tensor2d([...samples].map((i) => clouds[i].label)),
        }),
        loss: ({ points, groups, labels }, { rng }) => ({
          total: tf.losses.softmaxCrossEntropy(labels, network.forward(points, groups, { training: rng })),
        }),
      },
      createRng(2),
      { optimiser, epochs: 20, batchSize: 8 },
    );
    expect(tf.memory().numTensors).toBe(held);
    expect(history.get('total')?.at(-1)).toBeLessThan(0.3);

    const all = inputs([...clouds.keys()]);
    const logits = network.forward(all.points, all.groups);
    const one = inputs([3]);
    const alone = network.forward(one.points, one.groups);
    const [batchValues, singleValues] = [await logits.data(), await alone.data()];
    expect(largestDifference(singleValues, batchValues.slice(6, 8))).toBeLessThan(1e-5); // no batch statistics
    const right = clouds.filter(
      ({ label }, i) => batchValues[2 * i] > batchValues[2 * i + 1] === (label[0] === 1),
    );
    expect(right.length).toBeGreaterThan(13);
    tf.dispose([logits, alone, all.points, one.points]);
    optimiser.dispose();
    network.dispose();
  });
});

describe('PointNet', () => {
  beforeAll(async () => {
    await startBackend('cpu');
  });

  test.each<[string, Omit<PointNetConfig, 'outputs' | 'dropout'>, number, number]>([
    ['multi-scale', pointNetMsg, 1_745_312, 1_737_602],
    ['single-scale', pointNetSsg, 1_473_632, 1_465_922],
  ])('%s has the number of parameters of the specification', (_, preset, ofEmbedding, ofClassifier) => {
    const counts = [32, 2].map((outputs) => {
      const network = new PointNet({ ...preset, dropout: 0, outputs }, createRng(1));
      const count = [...network.state.parameters.values()].reduce((sum, { size }) => sum + size, 0);
      network.dispose();
      return count;
    });
    expect(counts).toEqual([ofEmbedding, ofClassifier]);
  });

  test('several scales give one vector per cloud, with a gradient to the points', async () => {
    const scales = [
      { radius: 0.4, groupSize: 4, widths: [4] },
      { radius: 0.8, groupSize: 8, widths: [4, 6] },
    ];
    const config: PointNetConfig = {
      levels: [
        { centres: 8, scales },
        { centres: 4, scales },
      ],
      globalWidths: [8],
      headWidths: [6],
      headNorm: true,
      dropout: 0,
      outputs: 3,
    };
    const network = new PointNet(config, createRng(5));
    const values = Float32Array.from([...makeClouds(2)[0].points, ...makeClouds(2)[1].points]);
    const groups = network.chooseGroups(values, 2);
    const points = tf.tensor3d(values, [2, 64, 3]);
    const output = network.forward(points, groups);
    expect(output.shape).toEqual([2, 3]);
    const sum = (x: tf.Tensor) => tf.sum<tf.Scalar>(network.forward(x as tf.Tensor3D, groups));
    const gradient = tf.tidy(() => tf.grad(sum)(points));
    // Against a difference quotient along the gradient, with the groups fixed.
    const step = 1e-3;
    const [slope, difference] = tf.tidy(() => {
      const along = (sign: number) => sum(tf.add(points, tf.mul(gradient, sign * step)));
      return [
        tf.sum(tf.square(gradient)).dataSync()[0],
        tf.sub(along(1), along(-1)).dataSync()[0] / (2 * step),
      ];
    });
    expect(slope).toBeGreaterThan(0);
    expect(difference / slope).toBeCloseTo(1, 1);
    tf.dispose([points, output, gradient]);
    network.dispose();
  });

  test('grouping and describing at once has the gradients of one after the other', async () => {
    const rng = createRng(6);
    const values = makeClouds(1)[0].points;
    const scale = { radius: 0.8, groupSize: 8 };
    const groups = chooseGroups(Float32Array.from(values), 1, 8, [scale]);
    const { centres, neighbours } = levelRows(groups, 1, 64);
    const state = new ModelState();
    const layers = addMlp(state, 'mlp', 5, [6, 4], rng);
    const points = tf.tensor3d(Float32Array.from(values), [1, 64, 3]);
    const features = tf.tensor3d(
      Float32Array.from({ length: 128 }, () => rng.normal()),
      [1, 64, 2],
    );
    const weights = [...state.parameters.values()];
    for (const training of [true, false]) {
      const wanted = [features, ...(training ? weights : [points])];
      const gradientsOf = (describe: () => tf.Tensor) =>
        tf.tidy(() => tf.grads(() => tf.sum(tf.square(describe())))(wanted));
      const once = gradientsOf(() =>
        describeNeighbours(points, features, centres, neighbours[0], layers, training),
      );
      const apart = gradientsOf(() =>
        describeGroups(groupPoints(points, features, centres, neighbours[0]), layers, training),
      );
      for (const [i, gradient] of once.entries()) {
        expect(largestDifference(await gradient.data(), await apart[i].data())).toBeLessThan(1e-4);
      }
      tf.dispose([once, apart]);
    }
    tf.dispose([points, features, centres, ...neighbours]);
    state.dispose();
  });

  test('other shapes, groups and dropouts are refused', () => {
    const config = { ...pointNetTiny, dropout: 0, outputs: 2 };
    const network = new PointNet(config, createRng(1));
    const groups = network.chooseGroups(makeClouds(1)[0].points, 1);
    expect(() => network.forward(tf.ones([1, 3, 64]), groups)).toThrow(ShapeError);
    expect(() => network.forward(tf.ones([1, 64, 3]), [])).toThrow(ArgumentError);
    expect(() => new PointNet({ ...config, dropout: 1 }, createRng(1))).toThrow(ArgumentError);
    network.dispose();
  });
});

describe('grouping', () => {
  const line = Float32Array.from([0, 1, 2, 10, 3].flatMap((x) => [x, 0, 0]));

  test('farthest points start at 0 and take the farthest, the first of equal ones', () => {
    expect([...farthestPoints(line, 4)]).toEqual([0, 3, 4, 1]);
    expect(() => farthestPoints(line, 6)).toThrow(ArgumentError);
  });

  test('a ball takes the first points strictly inside, repeats the first of them, and may be empty', () => {
    const centres = Float32Array.of(1, 0, 0, 10, 0, 0, 50, 0, 0);
    expect([...ballQuery(line, centres, 2, 3)]).toEqual([0, 1, 2, 3, 3, 3, 0, 0, 0]);
    expect([...ballQuery(line, centres.subarray(0, 3), 1, 2)]).toEqual([1, 1]); // at distance 1 is not inside
  });
});

function goldenMlp(golden: GoldenFile) {
  const state = new ModelState();
  const widths = [1, 2].map((layer) => golden.shape(`weights.conv${layer}.weight`)[0]);
  const inputs = golden.shape('weights.conv1.weight')[1];
  const layers = addMlp(state, 'mlp', inputs, widths, createRng(0));
  for (const [i, { linear }] of layers.entries()) {
    const [outputs, from] = golden.shape(`weights.conv${i + 1}.weight`);
    const weight = transposed(golden.values(`weights.conv${i + 1}.weight`), outputs, from);
    tf.tidy(() => {
      (linear.weight as tf.Variable<tf.Rank.R2>).assign(tf.tensor2d(weight, [from, outputs]));
      (linear.bias as tf.Variable<tf.Rank.R1>).assign(
        tf.tensor1d(golden.values(`weights.conv${i + 1}.bias`)),
      );
    });
  }
  return { state, layers };
}

/** Balls and plates of 64 points, turn about. */
function makeClouds(count: number): { points: Float32Array; label: [number, number] }[] {
  return Array.from({ length: count }, (_, i) => {
    const rng = createRng('clouds').fork(i);
    const isBall = i % 2 === 0;
    const points = Array.from({ length: 64 }, () => {
      const [x, y, z] = [rng.normal(), rng.normal(), rng.normal()];
      const length = Math.hypot(x, y, z);
      return isBall ? [x / length, y / length, z / length] : [x / length, y / length, 0];
    });
    return { points: Float32Array.from(points.flat()), label: isBall ? [1, 0] : [0, 1] };
  });
}
