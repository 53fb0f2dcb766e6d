import * as tf from '@tensorflow/tfjs';
import type { WinclipConfig } from './config.js';
import type { WindowRows } from './features.js';
import { harmonicMean, spreadWindows } from './harmonic-mean.js';

/** Rows of the normal references that queries are compared with, unit length; [rows, D] per scale, [rows, W] of patches. */
export interface WinclipMemory {
  readonly windows: readonly tf.Tensor2D[];
  readonly patches?: tf.Tensor2D;
}

/** What WinCLIP says about one image. */
export interface WinclipScores {
  /** s0, the probability of the anomalous texts. */
  readonly probability: number;
  /** s0; with references (s0 + max A) / 2. */
  readonly imageScore: number;
  /** [P], the map on the grid of patches. */
  readonly patchScores: Float32Array;
}

type ScoreConfig = Pick<WinclipConfig, 'scales' | 'temperature' | 'mapCombine'>;

/**
 * Scores of an image (sections 2 to 4 of WinCLIP's specification).
 *
 * @param classes - [2, D], unit length, row 0 normal.
 * @param side - Patches along each side of the image.
 * @param memory - Of the references, for few-shot scores.
 */
export async function winclipScores(
  rows: WindowRows,
  classes: tf.Tensor2D,
  side: number,
  { scales, temperature, mapCombine }: ScoreConfig,
  memory?: WinclipMemory,
): Promise<WinclipScores> {
  const count = side * side;
  const [[probability], ...ofWindows] = await readAll(() =>
    [rows.image, ...rows.windows].map((embeddings) => probabilities(embeddings, classes, temperature)),
  );
  const byLanguage = harmonicMean(
    [...ofWindows.map((values, i) => spreadWindows(values, side, scales[i])), probability],
    count,
  );
  if (!memory) {
    return { probability, imageScore: probability, patchScores: Float32Array.from(byLanguage) };
  }
  const byReference = await association(rows, memory, side, scales);
  const share = mapCombine === 'mean' ? 0.5 : 1;
  return {
    probability,
    imageScore: (probability + byReference.reduce((most, value) => Math.max(most, value), 0)) / 2,
    patchScores: Float32Array.from(byLanguage, (value, patch) => share * (value + byReference[patch])),
  };
}

/** A, [P]: how far each patch, and the windows around it, are from all references; the mean over the scales. */
async function association(
  rows: WindowRows,
  memory: WinclipMemory,
  side: number,
  scales: readonly number[],
): Promise<Float64Array> {
  const { patches } = rows;
  const distances = await readAll(() => {
    const ofWindows = rows.windows.map((queries, i) => halfDistances(queries, memory.windows[i]));
    return patches && memory.patches ? [...ofWindows, halfDistances(patches, memory.patches)] : ofWindows;
  });
  const maps = distances.map((values, i) =>
    i < scales.length ? spreadWindows(values, side, scales[i]) : Float64Array.from(values),
  );
  return Float64Array.from({ length: side * side }, (_, patch) => {
    const sum = maps.reduce((total, map) => total + map[patch], 0);
    return sum / maps.length;
  });
}

/** Softmax over both classes, of two logits the logistic function of their difference. [N, D] → [N] */
function probabilities(embeddings: tf.Tensor2D, classes: tf.Tensor2D, temperature: number): tf.Tensor1D {
  const [normal, anomalous] = tf.split(classes, 2);
  const direction = tf.div(tf.sub(anomalous, normal), temperature) as tf.Tensor2D;
  return tf.sigmoid(tf.reshape(tf.matMul(embeddings, direction, false, true), [-1])) as tf.Tensor1D;
}

/** Half the cosine distance to the nearest row of the memory, in [0, 1]. [N, D] → [N] */
function halfDistances(queries: tf.Tensor2D, memory: tf.Tensor2D): tf.Tensor1D {
  const nearest = tf.max(tf.matMul(queries, memory, false, true), 1);
  return tf.clipByValue(tf.mul(tf.sub(1, nearest), 0.5), 0, 1) as tf.Tensor1D;
}

async function readAll(compute: () => tf.Tensor[]): Promise<Float32Array[]> {
  const tensors = tf.tidy(compute);
  try {
    return await Promise.all(tensors.map((tensor) => tensor.data<'float32'>()));
  } finally {
    tf.dispose(tensors);
  }
}
