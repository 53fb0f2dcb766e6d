import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { BackendError } from '../backend/index.js';
import { ArgumentError, FormatError } from '../errors.js';
import { createRng, type Rng } from '../random/index.js';
import { startBackend } from '../testing/backends.fixture.js';
import { readSafetensors, writeSafetensors } from '../weights/index.js';
import { adamW } from './adam.js';
import type { Losses } from './gradients.js';
import { cosineSchedule } from './learning-rate.js';
import { ModelState } from './model-state.js';
import type { Optimiser } from './optimiser.js';
import { type StepContext, type TrainingOptions, type TrainingTask, train } from './train.js';
import { TrainingError } from './training-error.js';

interface Batch {
  readonly inputs: tf.Tensor2D;
  /** Deep inside, to see that it is freed too. */
  readonly more: { readonly targets: ReadonlyMap<string, tf.Tensor2D> };
}

const sampleCount = 10;
const options = {
  epochs: 3,
  batchSize: 4,
  schedule: cosineSchedule(9, { warmUpSteps: 2, floor: 0.1 }),
  maxGradientNorm: 0.5,
};

describe.each(['cpu', 'wasm'] as const)('training on %s', (backend) => {
  beforeAll(async () => {
    await startBackend(backend);
  });

  test('lowers the loss, reports every step, and leaks nothing', async () => {
    const before = tf.memory().numTensors;
    const { task, optimiser, dispose } = makeRun();
    const held = tf.memory().numTensors;
    const events: string[] = [];
    const history = await train(task, createRng(1), {
      ...options,
      epochs: 30,
      optimiser,
      onProgress: ({ stage, done, total, epoch, step, losses, gradientNorm }) => {
        events.push(`${stage} ${done}/${total} epoch ${epoch} step ${step}: ${Object.keys(losses)}`);
        expect(gradientNorm).toBeGreaterThan(0);
      },
    });
    expect(tf.memory().numTensors).toBe(held);
    const totals = history.get('total') ?? [];
    expect(totals.length).toBe(90); // the third batch of an epoch has two samples
    expect(mean(totals.slice(-6))).toBeLessThan(0.2 * mean(totals.slice(0, 6)));
    expect(events[4]).toBe('train 5/90 epoch 1 step 4: total,error,size');
    dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('interrupted at any checkpoint and resumed, it is the uninterrupted run bit for bit', async () => {
    const files = new Map<number, Uint8Array>();
    const write = (bytes: Uint8Array, steps: number) => void files.set(steps, bytes);
    const whole = makeRun();
    const checkpoints = { write, everySteps: 2, everyEpochs: 1 };
    const history = await train(whole.task, createRng(1), { ...options, ...whole, checkpoints });
    expect([...files.keys()]).toEqual([2, 3, 4, 6, 8, 9]);
    for (const steps of [2, 3, 8, 9]) {
      const resumed = makeRun();
      const last: Uint8Array[] = [];
      const resumedHistory = await train(resumed.task, createRng(1), {
        ...options,
        ...resumed,
        resume: files.get(steps),
        checkpoints: { write: (bytes) => void last.push(bytes) },
      });
      expect(resumedHistory).toEqual(history);
      expect(await resumed.task.state.save()).toEqual(await whole.task.state.save());
      if (steps < 9) expect(last).toEqual([files.get(9)]); // moments, steps and history too
      resumed.dispose();
    }
    whole.dispose();
  });
});

test('a full wasm heap is an error that says what to do; elsewhere a trap stays what it is', async () => {
  for (const [backend, expected] of [
    ['wasm', /train: the wasm backend .* out of memory \(table index is out of bounds\).*compiledGradients/],
    ['cpu', /^table index is out of bounds$/],
  ] as const) {
    await startBackend(backend);
    const run = makeRun();
    const trap = new WebAssembly.RuntimeError('table index is out of bounds');
    const task: TrainingTask<Batch> = {
      ...run.task,
      loss: () => {
        throw trap;
      },
    };
    const failure = await train(task, createRng(1), { ...options, ...run }).catch((error: unknown) => error);
    expect((failure as Error).message).toMatch(expected);
    expect(failure instanceof BackendError && failure.cause === trap).toBe(backend === 'wasm');
    run.dispose();
  }
});

describe('training', () => {
  beforeAll(async () => {
    await startBackend('cpu');
  });

  test('every epoch has every sample once, in another order; what a step draws changes no later one', async () => {
    const seen: number[][] = [];
    const draws: number[] = [];
    const drawMore = [0, 100];
    for (const more of drawMore) {
      const run = makeRun();
      const task: TrainingTask<Batch> = {
        ...run.task,
        batch: (samples, context) => {
          seen.push([...samples]);
          for (let i = 0; i < (context.step === 0 ? more : 0); i++) context.rng.uniform();
          if (context.step === 4) draws.push(context.rng.uniform());
          return run.task.batch(samples, context);
        },
      };
      await train(task, createRng(1), { ...options, ...run });
      run.dispose();
    }
    expect(seen.slice(0, 9)).toEqual(seen.slice(9));
    const epochs = [0, 3, 6].map((start) => seen.slice(start, start + 3).flat());
    for (const epoch of epochs) expect([...epoch].sort((a, b) => a - b)).toEqual([...Array(10).keys()]);
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(draws[0]).toBe(draws[1]);
  });

  test('dropLast leaves the small batch out, and order decides which samples come', async () => {
    const seen: number[][] = [];
    const run = makeRun();
    const task = { ...run.task, batch: record(seen, run.task) };
    const order = (epoch: number) => Uint32Array.from({ length: 5 }, (_, i) => i + epoch);
    await train(task, createRng(1), { ...run, epochs: 2, batchSize: 2, dropLast: true, order });
    expect(seen).toEqual([
      [0, 1],
      [2, 3],
      [1, 2],
      [3, 4],
    ]);
    run.dispose();
  });

  test("afterEpoch hears every epoch and ends training with 'stop'", async () => {
    const run = makeRun();
    const epochs: number[] = [];
    const afterEpoch = async (epoch: number) => {
      epochs.push(epoch);
      return epoch === 1 ? ('stop' as const) : undefined;
    };
    const history = await train(run.task, createRng(1), { ...options, ...run, afterEpoch });
    expect(epochs).toEqual([0, 1]);
    expect(history.get('total')?.length).toBe(6);
    run.dispose();
  });

  test('what a companion remembers is in every checkpoint, and the epoch that one ends is evaluated again', async () => {
    const files = new Map<number, Uint8Array>();
    /** Remembers the epochs it was told of, and stops after the fourth. */
    const remembering = (epochs: number[]) => ({
      companion: {
        save: () => Uint8Array.from(epochs),
        load: (bytes: Uint8Array) => void epochs.splice(0, epochs.length, ...bytes),
      },
      afterEpoch: async (epoch: number) => {
        epochs.push(epoch);
        return epochs.length >= 4 ? ('stop' as const) : undefined;
      },
    });
    const long = { ...options, epochs: 6 };
    const whole = makeRun();
    const wholeEpochs: number[] = [];
    const write = (bytes: Uint8Array, steps: number) => void files.set(steps, bytes.slice());
    const checkpoints = { write, everySteps: 1 };
    const history = await train(whole.task, createRng(1), {
      ...long,
      ...whole,
      ...remembering(wholeEpochs),
      checkpoints,
    });
    expect(wholeEpochs).toEqual([0, 1, 2, 3]);
    for (const steps of [2, 3, 7, 9, 12]) {
      const resumed = makeRun();
      const epochs: number[] = [];
      const resume = files.get(steps);
      expect(
        await train(resumed.task, createRng(1), { ...long, ...resumed, ...remembering(epochs), resume }),
      ).toEqual(history);
      expect(epochs).toEqual(wholeEpochs);
      expect(await resumed.task.state.save()).toEqual(await whole.task.state.save());
      await expect(train(resumed.task, createRng(1), { ...long, ...resumed, resume })).rejects.toThrow(
        /more tensors/,
      );
      resumed.dispose();
    }
    whole.dispose();
  });

  test('the learning rate limits and the gradient norm limit change what is learned', async () => {
    const states: string[] = [];
    for (const change of [{}, { maxGradientNorm: undefined }, { schedule: undefined }]) {
      const run = makeRun();
      await train(run.task, createRng(1), { ...options, ...change, ...run });
      states.push(
        JSON.stringify(
          [...(await run.task.state.save()).values()].map(({ data }) => [...(data as Float32Array)]),
        ),
      );
      run.dispose();
    }
    expect(new Set(states).size).toBe(3);
  });

  test('an abort stops before the next step with its reason and leaks nothing', async () => {
    const run = makeRun();
    const held = tf.memory().numTensors;
    const controller = new AbortController();
    const steps: number[] = [];
    const running = train(run.task, createRng(1), {
      ...options,
      ...run,
      signal: controller.signal,
      onProgress: ({ step }) => {
        steps.push(step);
        if (step === 3) controller.abort(new Error('enough'));
      },
    });
    await expect(running).rejects.toThrow('enough');
    expect(steps).toEqual([0, 1, 2, 3]);
    expect(tf.memory().numTensors).toBe(held);
    run.dispose();
  });

  const failures: [string, (losses: Losses, parameter: tf.Variable) => Losses, RegExp][] = [
    [
      'a loss that is not a number',
      (losses) => ({ ...losses, total: tf.mul(losses.total, Number.NaN) }),
      /step 4 of epoch 1 gave total NaN/,
    ],
    [
      'an infinite loss beside the total',
      (losses) => ({ ...losses, size: tf.scalar(Number.POSITIVE_INFINITY) }),
      /size Infinity/,
    ],
    [
      'an infinite gradient',
      (losses, parameter) => ({ ...losses, total: tf.sum(tf.sqrt(tf.mul(parameter, 0))) as tf.Scalar }),
      /gradient of length (NaN|Infinity)/,
    ],
    [
      'a loss that throws',
      () => {
        throw new Error('broken loss');
      },
      /broken loss/,
    ],
    [
      'a loss that is no scalar',
      (losses) => ({ ...losses, total: tf.ones([2]) as unknown as tf.Scalar }),
      /expected a scalar as total, got "2"/,
    ],
    [
      'an operation without a gradient',
      (losses, parameter) => ({ ...losses, total: tf.sum(tf.topk(parameter, 1).values) as tf.Scalar }),
      /gradient/i,
    ],
  ];

  test.each(failures)(
    '%s ends training with parameters and buffers as before the step, and leaks nothing',
    async (_, fail, message) => {
      const run = makeRun();
      const { state } = run.task;
      const held = tf.memory().numTensors;
      let before: unknown;
      const task: TrainingTask<Batch> = {
        ...run.task,
        batch: async (samples, context) => {
          if (context.step === 4) before = await state.save();
          return run.task.batch(samples, context);
        },
        loss: (batch, context) => {
          const losses = run.task.loss(batch, context); // assigns the buffer
          const weight = state.parameters.get('weight');
          return context.step === 4 && weight ? fail(losses, weight) : losses;
        },
      };
      await expect(train(task, createRng(1), { ...options, ...run })).rejects.toThrow(message);
      expect(await state.save()).toEqual(before);
      expect(tf.memory().numTensors).toBe(held);
      // Nothing is left behind in TensorFlow.js either: the same task goes on training.
      await train(run.task, createRng(1), { ...options, ...run, epochs: 1 });
      expect(tf.memory().numTensors).toBe(held);
      run.dispose();
    },
  );

  test('the error names the step and holds the losses', async () => {
    const run = makeRun();
    const task = {
      ...run.task,
      loss: () => ({ total: tf.mul(tf.sum(run.weight), Number.NaN) as tf.Scalar }),
    };
    const error = await train(task, createRng(1), { ...options, ...run }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TrainingError);
    expect(error).toMatchObject({ step: 0, epoch: 0, losses: { total: Number.NaN } });
    run.dispose();
  });

  test('a checkpoint of another run, model or optimiser is refused and changes nothing', async () => {
    const files: Uint8Array[] = [];
    const first = makeRun();
    const checkpoints = { write: (bytes: Uint8Array) => void files.push(bytes), everySteps: 4 };
    await train(first.task, createRng(1), { ...options, ...first, checkpoints });
    const [file] = files;
    const run = makeRun();
    const before = await run.task.state.save();
    const resume = (bytes: Uint8Array, rng: Rng = createRng(1), changes: Partial<TrainingOptions> = {}) =>
      train(run.task, rng, { ...options, ...run, ...changes, resume: bytes });

    await expect(resume(file, createRng(2))).rejects.toThrow(/the run's seed/);
    await expect(resume(file, createRng(1), { batchSize: 5 })).rejects.toThrow(
      /the run's batchSize, 4, got "5"/,
    );
    await expect(resume(file.slice(0, -1))).rejects.toThrow(FormatError);
    const companion = { save: () => new Uint8Array(), load: () => {} };
    await expect(resume(file, createRng(1), { companion })).rejects.toThrow(/remembers beside the model/);
    const { tensors, metadata } = readSafetensors(file);
    const changed = (change: (copy: typeof tensors) => void, more = {}) => {
      const copy = new Map(tensors);
      change(copy);
      return resume(writeSafetensors(copy, { ...metadata, ...more }));
    };
    await expect(changed((copy) => copy.delete('optimiser/weight/mean'))).rejects.toThrow(
      /weight\/mean is missing/,
    );
    await expect(changed((copy) => copy.delete('model/mean'))).rejects.toThrow(/model\/mean is missing/);
    const wrong = { dtype: 'F32', shape: [3], data: Float32Array.of(1, 2, 3) } as const;
    await expect(changed((copy) => copy.set('model/mean', wrong))).rejects.toThrow(
      /is F32 \[3\], wanted is F32 \[2\]/,
    );
    await expect(changed((copy) => copy.set('model/other', wrong))).rejects.toThrow(/more tensors/);
    await expect(changed((copy) => copy.set('history/total', wrong))).rejects.toThrow(/3 values for 4 steps/);
    await expect(changed(() => {}, { format: 'else' })).rejects.toThrow(FormatError);
    expect(await run.task.state.save()).toEqual(before);
    first.dispose();
    run.dispose();
  });

  test('options that cannot work are refused', async () => {
    const run = makeRun();
    const attempt = (changes: Partial<TrainingOptions>) =>
      train(run.task, createRng(1), { ...options, ...run, ...changes });
    await expect(attempt({ epochs: 0 })).rejects.toThrow(ArgumentError);
    await expect(attempt({ batchSize: 11, dropLast: true })).rejects.toThrow(/at least 11 samples/);
    await expect(attempt({ checkpoints: { write: () => {}, everySteps: 0 } })).rejects.toThrow(ArgumentError);
    await expect(attempt({ maxGradientNorm: 0 })).rejects.toThrow(ArgumentError);
    const other = makeRun();
    await expect(attempt({ optimiser: other.optimiser })).rejects.toThrow(
      /optimiser of the task's parameters/,
    );
    const losses = {
      ...run.task,
      loss: (batch: Batch, context: StepContext): Losses => {
        const { total, error } = run.task.loss(batch, context);
        return context.step > 0 ? { total } : { total, error };
      },
    };
    await expect(train(losses, createRng(1), { ...options, ...run })).rejects.toThrow(
      /the same losses in every step/,
    );
    run.dispose();
    other.dispose();
  });
});

interface Run {
  readonly task: TrainingTask<Batch>;
  readonly optimiser: Optimiser;
  readonly weight: tf.Variable;
  dispose(): void;
}

/** A linear model with a bias, noise from the step's stream, and a running mean of its inputs as buffer. */
function makeRun(): Run {
  const state = new ModelState();
  const weight = state.parameter<tf.Rank.R2>('weight', [2, 1], [0.1, -0.2]);
  const bias = state.parameter<tf.Rank.R1>('bias', [1], [0]);
  const running = state.buffer<tf.Rank.R1>('mean', [2], [0, 0]);
  const optimiser = adamW([
    { parameters: state.parametersWhere((_, { rank }) => rank === 2), learningRate: 0.1, weightDecay: 0.01 },
    { parameters: state.parametersWhere((_, { rank }) => rank === 1), learningRate: 0.2, weightDecay: 0 },
  ]);
  const data = createRng('data');
  const rows = Array.from({ length: sampleCount }, () => [data.normal(), data.normal()]);
  const task: TrainingTask<Batch> = {
    state,
    sampleCount,
    async batch(samples, { rng }) {
      const noisy = [...samples].map((i) => rows[i].map((value) => value + rng.normal(0, 0.01)));
      const targets = tf.tensor2d([...samples].map((i) => [2 * rows[i][0] - rows[i][1] + 0.5]));
      return { inputs: tf.tensor2d(noisy), more: { targets: new Map([['all', targets]]) } };
    },
    loss({ inputs, more }) {
      running.assign(tf.add(tf.mul(running, 0.9), tf.mul(tf.mean(inputs, 0), 0.1)) as tf.Tensor1D);
      const centred = tf.sub(inputs, tf.mul(running, 0.01)) as tf.Tensor2D;
      const targets = more.targets.get('all') ?? tf.zeros([1, 1]);
      const error = tf.mean<tf.Scalar>(tf.square(tf.sub(tf.add(tf.matMul(centred, weight), bias), targets)));
      const size = tf.mean<tf.Scalar>(tf.square(weight));
      return { total: tf.add(error, tf.mul(size, 1e-3)) as tf.Scalar, error, size };
    },
  };
  return {
    task,
    optimiser,
    weight,
    dispose() {
      optimiser.dispose();
      state.dispose();
    },
  };
}

function record(seen: number[][], task: TrainingTask<Batch>): TrainingTask<Batch>['batch'] {
  return (samples, context) => {
    seen.push([...samples]);
    return task.batch(samples, context);
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
