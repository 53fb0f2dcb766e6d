import { ArgumentError } from '@anomclip/core';
import type { Image } from '@anomclip/core/image';
import type { Companion, ModelState } from '@anomclip/core/training';
import * as tf from '@tensorflow/tfjs';
import { readBestEpoch, writeBestEpoch } from '../heads/best-epoch.js';
import { type HeadValues, type HeadWeights, tensorsOf, valuesOf, weightsOf } from '../heads/weights.js';
import type { FsacConfig } from './config.js';
import { type ClipVision, embedImages } from './embed.js';
import { anomalyScore, marginsAlone } from './score.js';

/** Test data that `selection: 'best-test'` chooses the epoch by. */
export interface BestTestOptions<Metrics extends TestMetrics = TestMetrics> {
  readonly images: readonly Image[];
  /** One per image, 1 anomalous. */
  readonly labels: Uint8Array;
  /** `imageMetrics` of `@anomclip/metrics`, or your own. The epoch with the highest `auroc` is kept. */
  readonly measure: (scores: Float64Array, labels: Uint8Array) => Metrics;
}

export interface TestMetrics {
  readonly auroc: number;
}

/** Which epoch's state a detector has, from 0, and how it was chosen. */
export type FsacSelection =
  | { readonly by: 'last'; readonly epoch: number }
  | {
      readonly by: 'best-test';
      readonly epoch: number;
      /** Of that epoch. They belong to an epoch chosen by these very labels: too good, and no clean result. */
      readonly metricsOfChosenEpoch: TestMetrics;
      readonly usesTestLabels: true;
    };

/** Decides after each epoch what is kept, and when training ends. */
export interface EpochSelection {
  readonly afterEpoch: (epoch: number) => Promise<'stop' | undefined>;
  /** What checkpoints must hold. */
  readonly companion?: Companion;
  /** What was kept. */
  result(): Promise<{ head: HeadValues; selection: FsacSelection }>;
  dispose(): void;
}

/** Keeps the last state. */
export function selectLast(state: ModelState): EpochSelection {
  let last = 0;
  return {
    afterEpoch: async (epoch) => {
      last = epoch;
      return undefined;
    },
    result: async () => ({ head: await valuesOf(state), selection: { by: 'last', epoch: last } }),
    dispose() {},
  };
}

/**
 * Keeps the state that ranks the test images best, a strictly higher AUROC wins; stops after `patience` epochs without.
 *
 * @param text - T, [2, D]; borrowed until `dispose`.
 */
export async function selectBestTest(
  state: ModelState,
  clip: ClipVision,
  text: tf.Tensor2D,
  config: FsacConfig,
  { images, labels, measure }: BestTestOptions,
  signal?: AbortSignal,
): Promise<EpochSelection> {
  if (images.length === 0 || images.length !== labels.length) {
    throw new ArgumentError(
      'fitFsac',
      'test images with a label each',
      `${images.length} and ${labels.length}`,
    );
  }
  const embeddings = await embedImages(clip, images, signal);
  const measureWith = async (weights: HeadWeights) => {
    const margins = marginsAlone(embeddings, text, weights, config);
    return measure(Float64Array.from(await readAndFree(margins), anomalyScore), labels);
  };
  let best: { epoch: number; metrics: TestMetrics; head: HeadValues } | undefined;
  return {
    async afterEpoch(epoch) {
      const metrics = await measureWith(weightsOf(state));
      if (!best || metrics.auroc > best.metrics.auroc) best = { epoch, metrics, head: await valuesOf(state) };
      return epoch - best.epoch >= config.patience ? 'stop' : undefined;
    },
    companion: {
      save: () => writeBestEpoch(best && { ...best, value: best.metrics.auroc, values: best.head }),
      async load(bytes) {
        const read = readBestEpoch(bytes, state.shapes);
        if (!read) return;
        const tensors = tensorsOf(read.values);
        try {
          best = { epoch: read.epoch, head: read.values, metrics: await measureWith(tensors) };
        } finally {
          tf.dispose(tensors);
        }
      },
    },
    async result() {
      if (!best) throw new ArgumentError('fitFsac', 'at least one epoch', 'none');
      const { epoch, metrics, head } = best;
      return {
        head,
        selection: { by: 'best-test', epoch, metricsOfChosenEpoch: metrics, usesTestLabels: true },
      };
    },
    dispose: () => tf.dispose(embeddings),
  };
}

async function readAndFree(tensor: tf.Tensor): Promise<Float32Array> {
  try {
    return await tensor.data<'float32'>();
  } finally {
    tensor.dispose();
  }
}
