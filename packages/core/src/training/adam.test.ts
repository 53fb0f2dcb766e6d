import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { ArgumentError } from '../errors.js';
import { startBackend } from '../testing/backends.fixture.js';
import { type AdamGroup, adam, adamW } from './adam.js';
import { ModelState } from './model-state.js';
import type { Optimiser } from './optimiser.js';

// Expected values: torch 1.13.0 (Debian 12's python3-torch), four steps of torch.optim.Adam and AdamW on
// a = [0.5, −1.25, 2] and b = [[1, −3]] with a.grad = [0.1 (s + 1), −2, 1e-4] · (−1)^s and b.grad = [[3 / (s + 1), 0.02]]
// in step s = 0…3; groups as in the cases below, e.g.
// torch.optim.Adam([{'params': [a]}, {'params': [b], 'lr': 1e-2, 'eps': 1e-6, 'weight_decay': 0.1}]). The waiting parameter:
// zero_grad(set_to_none=True) before each step and b.grad = None in step 1.

type Settings = Omit<AdamGroup, 'parameters'>;

const cases: [string, (groups: AdamGroup[]) => Optimiser, Settings, Settings, number[]][] = [
  [
    'Adam with defaults',
    adam,
    {},
    {},
    [0.4992554187774658, -1.2487695217132568, 1.9987694025039673, 0.9963734745979309, -3.003999710083008],
  ],
  [
    'Adam with settings of each group',
    adam,
    { learningRate: 5e-4, betas: [0.5, 0.999] },
    { learningRate: 1e-2, epsilon: 1e-6, weightDecay: 0.1 },
    [0.4997985363006592, -1.2496190071105957, 1.9996191263198853, 0.9634514451026917, -2.960008382797241],
  ],
  [
    'AdamW',
    adamW,
    {},
    { learningRate: 0.1, betas: [0.9, 0.98], epsilon: 1e-6, weightDecay: 0.05 },
    [0.4992353916168213, -1.2487194538116455, 1.9986892938613892, 0.6187087297439575, -3.3374383449554443],
  ],
];

describe.each(['cpu', 'wasm'] as const)('on %s', (backend) => {
  beforeAll(async () => {
    await startBackend(backend);
  });

  test.each(cases)(
    '%s gives the numbers of PyTorch, and nothing leaks',
    async (_, make, first, second, expected) => {
      const before = tf.memory().numTensors;
      const state = twoParameters();
      const optimiser = make([
        { parameters: state.parametersWhere((name) => name === 'a'), ...first },
        { parameters: state.parametersWhere((name) => name === 'b'), ...second },
      ]);
      const held = tf.memory().numTensors;
      for (let step = 0; step < 4; step++) takeStep(optimiser, step);
      expect(tf.memory().numTensors).toBe(held);
      expectClose(await valuesOf(state), expected);
      optimiser.dispose();
      state.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  test('a parameter without a gradient waits, and its bias correction with it', async () => {
    const state = twoParameters();
    const optimiser = adam([{ parameters: state.parameters }]);
    for (let step = 0; step < 4; step++) takeStep(optimiser, step, step === 1 ? ['a'] : ['a', 'b']);
    const expected = [0.4992554187774658, -1.2487695217132568, 1.9987694025039673];
    expectClose(await valuesOf(state), [...expected, 0.9973262548446655, -3.002999782562256]);
    optimiser.dispose();
    state.dispose();
  });

  test('saved and loaded moments go on bit for bit', async () => {
    const whole = twoParameters();
    const wholeOptimiser = adamW([{ parameters: whole.parameters }]);
    for (let step = 0; step < 2; step++) takeStep(wholeOptimiser, step);
    const resumed = twoParameters();
    const resumedOptimiser = adamW([{ parameters: resumed.parameters }]);
    resumed.load(dataOf(await whole.save()));
    resumedOptimiser.load(dataOf(await wholeOptimiser.save()));
    for (const optimiser of [wholeOptimiser, resumedOptimiser]) takeStep(optimiser, 2);
    expect(await resumed.save()).toEqual(await whole.save());
    expect(await resumedOptimiser.save()).toEqual(await wholeOptimiser.save());
    for (const owner of [whole, wholeOptimiser, resumed, resumedOptimiser]) owner.dispose();
  });
});

test('the factor of a schedule multiplies the learning rate of every group', async () => {
  const [plain, halved] = [twoParameters(), twoParameters()];
  const optimisers = [
    adam([{ parameters: plain.parameters, learningRate: 5e-4 }]),
    adam([{ parameters: halved.parameters }]),
  ];
  takeStep(optimisers[0], 0, ['a', 'b'], 1);
  takeStep(optimisers[1], 0, ['a', 'b'], 0.5);
  expect(await halved.save()).toEqual(await plain.save());
  for (const owner of [plain, halved, ...optimisers]) owner.dispose();
});

test('groups that cannot work are refused', () => {
  const state = twoParameters();
  const { parameters } = state;
  expect(() => adam([])).toThrow(ArgumentError);
  expect(() => adam([{ parameters }, { parameters }])).toThrow(/"a"; it is in two/);
  expect(() => adam([{ parameters, learningRate: -1 }])).toThrow(/learningRate/);
  expect(() => adam([{ parameters, betas: [0.9, 1] }])).toThrow(/betas/);
  expect(() => adamW([{ parameters, weightDecay: Number.NaN }])).toThrow(/weightDecay/);
  state.dispose();
});

function twoParameters(): ModelState {
  const state = new ModelState();
  state.parameter<tf.Rank.R1>('a', [3], [0.5, -1.25, 2]);
  state.parameter<tf.Rank.R2>('b', [1, 2], [1, -3]);
  return state;
}

function takeStep(optimiser: Optimiser, step: number, names = ['a', 'b'], factor = 1): void {
  tf.tidy(() => {
    const gradients = new Map<string, tf.Tensor>([
      ['a', tf.mul(tf.tensor1d([0.1 * (step + 1), -2, 1e-4]), (-1) ** step)],
      ['b', tf.tensor2d([[3 / (step + 1), 0.02]])],
    ]);
    optimiser.step(new Map([...gradients].filter(([name]) => names.includes(name))), factor);
  });
}

function dataOf(saved: Awaited<ReturnType<ModelState['save']>>): Map<string, Float32Array> {
  return new Map([...saved].map(([name, { data }]) => [name, data as Float32Array]));
}

async function valuesOf(state: ModelState): Promise<number[]> {
  return [...dataOf(await state.save()).values()].flatMap((values) => [...values]);
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 6);
}
