import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import { beforeAll, expect, test } from 'vitest';
import type { OnnxRuntime } from '../encoder/onnx-runtime.js';
import { createRng } from '../random/index.js';
import { startBackend } from '../testing/backends.fixture.js';
import { ModelState, type TrainingTask } from '../training/index.js';
import { compiledGradients } from './compiled-gradients.js';

interface Batch {
  readonly ids: tf.Tensor1D;
  readonly rows: tf.Tensor2D;
}

const REPETITIONS = 10;

beforeAll(async () => {
  await startBackend('cpu');
});

// From 2^16 numbers on they are added by several nodes, one after another.
test.each([
  { what: 'fewer than one node adds', count: 500, width: 64, places: 7 },
  { what: 'as many as one node adds', count: 1024, width: 64, places: 50 },
  { what: 'a row more', count: 1025, width: 64, places: 50 },
  { what: 'many nodes full', count: 5000, width: 64, places: 3 },
  { what: 'single numbers', count: 200_000, width: 1, places: 11 },
  { what: 'rows that are longer than what one node adds', count: 6, width: 70_000, places: 2 },
])('two threads lose no row that goes to the same place: $what', async ({ count, width, places }) => {
  const rng = createRng(5);
  const ids = Int32Array.from({ length: count }, () => rng.integer(0, places));
  // Whole numbers, whose sums float32 holds exactly; none is 0, or its loss would not show.
  const rows = Float32Array.from({ length: count * width }, () => rng.integer(1, 9));
  const sums = new Float32Array(places * width);
  for (let i = 0; i < rows.length; i++) sums[ids[Math.floor(i / width)] * width + (i % width)] += rows[i];

  const state = new ModelState();
  const table = state.parameter<tf.Rank.R2>('table', [places, width], new Float32Array(places * width));
  const batch: Batch = { ids: tf.tensor1d(ids, 'int32'), rows: tf.tensor2d(rows, [count, width]) };
  const task: TrainingTask<Batch> = {
    state,
    sampleCount: 1,
    batch: () => batch,
    // The gradient of what a row was gathered from is the sum of what it was multiplied with.
    loss: ({ ids, rows }) => ({ total: tf.sum(tf.mul(tf.gather(table, ids), rows)) }),
  };
  const run = compiledGradients(ort as OnnxRuntime, { threads: 2 }).start(task, state.parameters);
  try {
    for (let repetition = 0; repetition < REPETITIONS; repetition++) {
      const { losses, gradients } = await run.step(batch, { epoch: 0, step: repetition, rng });
      const actual = await gradients.get('table')?.data();
      tf.dispose([...losses.values(), ...gradients.values()]);
      const wrong = sums.findIndex((sum, i) => actual?.[i] !== sum);
      expect(wrong, `${actual?.[wrong]} in place of ${sums[wrong]}`).toBe(-1);
    }
  } finally {
    await run.close();
    tf.dispose([batch.ids, batch.rows]);
    state.dispose();
  }
});
