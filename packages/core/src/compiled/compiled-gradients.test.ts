import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { createRng } from '../random/index.js';
import { startBackend } from '../testing/backends.fixture.js';
import {
  adam,
  type GradientSource,
  type Losses,
  ModelState,
  type StepContext,
  type TrainingTask,
  train,
} from '../training/index.js';
import { type CompiledGradientsOptions, compiledGradients } from './compiled-gradients.js';

interface Batch {
  readonly x: tf.Tensor2D;
  readonly targets: readonly [tf.Tensor2D];
  readonly scale: number;
}

/** Two layers with a running mean; the last batch of an epoch is smaller. */
function makeTask(scale = 1) {
  const state = new ModelState();
  const draw = (name: string, length: number) => {
    const rng = createRng('weights').fork(name);
    return Float32Array.from({ length }, () => rng.normal(0, 0.5));
  };
  const first = state.parameter<tf.Rank.R2>('first', [4, 6], draw('first', 24));
  const second = state.parameter<tf.Rank.R2>('second', [6, 2], draw('second', 12));
  const unused = state.parameter<tf.Rank.R1>('unused', [3], [1, 2, 3]);
  const mean = state.buffer<tf.Rank.R1>('mean', [6], new Float32Array(6));
  const task: TrainingTask<Batch> = {
    state,
    sampleCount: 5,
    batch: (samples, { rng }) => ({
      x: tf.tensor2d(
        Float32Array.from({ length: 4 * samples.length }, () => rng.normal()),
        [samples.length, 4],
      ),
      targets: [
        tf.tensor2d(
          Float32Array.from({ length: 2 * samples.length }, (_, i) => samples[i >> 1]),
          [samples.length, 2],
        ),
      ],
      scale,
    }),
    loss: ({ x, targets: [target], scale }) =>
      tf.tidy(() => {
        const hidden = tf.softplus(tf.matMul(x, first));
        mean.assign(tf.add(tf.mul(mean, 0.5), tf.mul(tf.mean(hidden, 0), 0.5)) as tf.Tensor1D);
        const difference = tf.sub(tf.matMul(tf.sub(hidden, mean), second), tf.mul(target, scale));
        const error = tf.mean(tf.square(difference)) as tf.Scalar;
        return { total: tf.mul(error, 2) as tf.Scalar, error };
      }),
  };
  return { state, task, unused };
}

async function trained(
  gradients?: GradientSource,
  more: { resume?: Uint8Array; epochs?: number; task?: TrainingTask<Batch>; state?: ModelState } = {},
) {
  const made = makeTask();
  const { task = made.task, epochs = 3, resume } = more;
  const state = more.state ?? made.state;
  const optimiser = adam([{ parameters: state.parameters, learningRate: 0.01 }]);
  let file = new Uint8Array();
  try {
    const history = await train(task, createRng(3), {
      optimiser,
      epochs,
      batchSize: 2,
      maxGradientNorm: 5,
      checkpoints: {
        write: (bytes) => {
          file = bytes.slice();
        },
      },
      ...(gradients && { gradients }),
      ...(resume && { resume }),
    });
    return { history, file, saved: await state.save() };
  } finally {
    optimiser.dispose();
    made.state.dispose();
    if (state !== made.state) state.dispose();
  }
}

/** A runtime that counts its sessions. */
function countingRuntime() {
  const counts = { created: 0, released: 0 };
  const sessions: ort.InferenceSession.SessionOptions[] = [];
  const runtime = {
    Tensor: ort.Tensor,
    InferenceSession: {
      create: async (bytes: Uint8Array, options?: ort.InferenceSession.SessionOptions) => {
        const session = await ort.InferenceSession.create(bytes, options);
        counts.created++;
        sessions.push(options ?? {});
        return {
          run: (feeds: Record<string, ort.Tensor>) => session.run(feeds),
          release: () => {
            counts.released++;
            return session.release();
          },
        };
      },
    },
  };
  const gradients = (options?: CompiledGradientsOptions) =>
    compiledGradients(runtime as unknown as Parameters<typeof compiledGradients>[0], options);
  return { counts, sessions, gradients };
}

function expectClose(actual: ArrayLike<number> | undefined, expected: ArrayLike<number> | undefined): void {
  expect(actual?.length).toBe(expected?.length);
  for (const [i, value] of Array.from(expected ?? []).entries()) {
    expect(Math.abs((actual?.[i] ?? Number.NaN) - value)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value)));
  }
}

describe.each(['cpu', 'wasm'] as const)('compiled training on %s', (backend) => {
  beforeAll(async () => {
    await startBackend(backend);
  });

  test('goes as it does without, buffers too; a program per shape of batch, all released, no tensor left', async () => {
    const before = tf.memory();
    const { counts, gradients } = countingRuntime();
    const plain = await trained();
    const compiled = await trained(gradients());
    for (const name of ['total', 'error']) {
      expectClose(compiled.history.get(name), plain.history.get(name));
      expect(compiled.history.get(name)).toHaveLength(9);
    }
    for (const [name, { data }] of plain.saved) {
      expectClose(compiled.saved.get(name)?.data as Float32Array, data as Float32Array);
    }
    expect(counts).toEqual({ created: 2, released: 2 });
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    expect(tf.getBackend()).toBe(backend);
  });

  test('goes on from a checkpoint of plain training, and the other way round', async () => {
    const { gradients } = countingRuntime();
    const whole = await trained();
    const half = {
      plain: await trained(undefined, { epochs: 2 }),
      compiled: await trained(gradients(), { epochs: 2 }),
    };
    const resumed = [
      await trained(gradients(), { resume: half.plain.file }),
      await trained(undefined, { resume: half.compiled.file }),
    ];
    for (const { history } of resumed) expectClose(history.get('total'), whole.history.get('total'));
  });

  test('keeps as many programs as it may', async () => {
    const { counts, gradients } = countingRuntime();
    await trained(gradients({ programs: 1 }));
    expect(counts.created).toBe(6); // two shapes in each of three epochs
    expect(counts.released).toBe(6);
  });
});

test('threads do not wait in loops, unless the caller wants it', async () => {
  await startBackend('cpu');
  const { sessions, gradients } = countingRuntime();
  await trained(gradients({ threads: 2 }), { epochs: 1 });
  await trained(gradients({ session: { extra: {} } }), { epochs: 1 });
  const spinning = { session: { intra_op: { allow_spinning: '0' } } };
  expect(sessions[0]).toMatchObject({ intraOpNumThreads: 2, extra: spinning });
  expect(sessions.at(-1)?.extra).toEqual({});
});

describe('a loss that cannot be compiled', () => {
  beforeAll(async () => {
    await startBackend('cpu');
  });

  /** What training with this loss says; nothing may be left. */
  async function refusal(
    lossOf: (x: tf.Tensor2D, first: tf.Variable, context: StepContext, batch: Batch) => tf.Tensor,
    batchOf?: (batch: Batch) => unknown,
  ): Promise<Error> {
    const { counts, gradients } = countingRuntime();
    const before = tf.memory().numTensors;
    const { task, state } = makeTask();
    const first = state.parameters.get('first') as tf.Variable;
    const strange: TrainingTask<Batch> = {
      ...task,
      batch: async (samples, context) => {
        const batch = await task.batch(samples, context);
        return (batchOf?.(batch) ?? batch) as Batch;
      },
      loss: (batch, context): Losses => ({
        total: tf.tidy(() => tf.mean(lossOf(batch.x, first, context, batch))) as tf.Scalar,
      }),
    };
    const error = await trained(gradients(), { task: strange, state }).then(
      () => new Error('it was compiled'),
      (error: Error) => error,
    );
    expect(error.name, error.stack).toBe('CompileError');
    expect(counts.released).toBe(counts.created);
    expect(tf.memory().numTensors).toBe(before);
    expect(tf.getBackend()).toBe('cpu');
    return error;
  }

  test('because it reads a value', async () => {
    const error = await refusal((x, first) =>
      tf.mul(tf.matMul(x, first as tf.Tensor2D), tf.sum(x).dataSync()[0]),
    );
    expect(error.message).toMatch('reads the value of a tensor');
  });

  test('because an operation has no counterpart', async () => {
    const error = await refusal((x, first) =>
      tf.mul(tf.matMul(x, first as tf.Tensor2D), tf.topk(x, 1).values),
    );
    expect(error.message).toMatch('TopK cannot be compiled; compute it in batch');
  });

  test.each(['epoch', 'step', 'rng'] as const)('because it uses the %s', async (name) => {
    const error = await refusal((x, first, context) =>
      tf.mul(tf.matMul(x, first as tf.Tensor2D), Number(context[name])),
    );
    expect(error.message).toMatch(`uses the step's ${name}`);
  });

  test('because it draws numbers', async () => {
    const rng = createRng(8);
    const error = await refusal((x, first) => tf.mul(tf.matMul(x, first as tf.Tensor2D), rng.uniform()));
    expect(error.message).toMatch('was not the same in two steps');
  });

  test('because it uses a variable that is not in the state', async () => {
    const other = tf.variable(tf.scalar(2));
    const error = await refusal((x, first) => tf.mul(tf.matMul(x, first as tf.Tensor2D), other));
    expect(error.message).toMatch('not in the task');
    other.dispose();
  });

  test('because the batch holds what may change unseen', async () => {
    const error = await refusal(
      (x, first) => tf.matMul(x, first as tf.Tensor2D),
      (batch) => ({ ...batch, date: new Date() }),
    );
    expect(error.message).toMatch('batch.date is a Date');
  });

  test('because every batch is another program', async () => {
    let count = 0;
    const { gradients } = countingRuntime();
    const { task, state } = makeTask();
    const changing: TrainingTask<Batch> = {
      ...task,
      batch: async (samples, context) => ({ ...(await task.batch(samples, context)), scale: count++ }),
    };
    await expect(trained(gradients(), { task: changing, state, epochs: 8 })).rejects.toThrow(
      'programs of their own',
    );
  });
});
