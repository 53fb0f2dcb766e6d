import { ArgumentError, ShapeError } from '@anomclip/core';
import {
  type Correspondences,
  type MultiViewSample,
  renderingOf,
  viewLabels,
} from '@anomclip/pointcloud/views';
import * as tf from '@tensorflow/tfjs';
import type { FeatureBlocks, PointadConfig } from './config.js';
import type { PointadSample } from './detector.js';
import { encodeViews, type ViewEncoder } from './features.js';
import type { PointadBatch } from './hybrid-loss.js';
import type { PointGather } from './scores.js';

/** What a training sample must have, checked once before the first step. */
export interface TrainingSample {
  readonly views: MultiViewSample;
  readonly correspondences: Correspondences;
  /** [N] 1 where anomalous. */
  readonly targets: Uint8Array;
  readonly masks: Uint8Array;
  readonly label: 0 | 1;
}

/**
 * @throws {@link ArgumentError} when a sample has no labels or correspondences, {@link ShapeError} when samples differ in
 *   views, cells or pixels.
 */
export function trainingSamples(samples: readonly PointadSample[]): TrainingSample[] {
  if (samples.length === 0) throw new ArgumentError('fitPointad', 'at least one sample', 0);
  const checked = samples.map(({ views, label }, i): TrainingSample => {
    const { correspondences, targets, masks } = views;
    if (!correspondences || !targets || !masks) {
      const lacking = correspondences ? 'labels' : 'correspondences';
      throw new ArgumentError(
        'fitPointad',
        `samples with correspondences and labels`,
        `sample ${i} without ${lacking}`,
      );
    }
    return { views, correspondences, targets, masks, label: label ?? (targets.includes(1) ? 1 : 0) };
  });
  const shapeOf = ({ correspondences: c }: TrainingSample) => [c.viewCount, c.pointCount, c.size];
  for (const sample of checked) {
    if (shapeOf(sample).join() !== shapeOf(checked[0]).join()) {
      throw new ShapeError(
        'fitPointad',
        `samples of as many views, cells and pixels as the first, [${shapeOf(checked[0]).join(', ')}]`,
        shapeOf(sample),
        'prepare all clouds in the same way, e.g. with prepareReal3d()',
      );
    }
  }
  return checked;
}

/** Features and targets of some samples. The caller owns the tensors. */
export async function pointadBatch(
  encoder: ViewEncoder,
  samples: readonly TrainingSample[],
  blocks: FeatureBlocks,
  config: Pick<PointadConfig, 'viewNormalization'>,
): Promise<PointadBatch> {
  const { viewCount, pointCount, size } = samples[0].correspondences;
  const renderings = samples.flatMap(({ views }) =>
    Array.from({ length: viewCount }, (_, view) => renderingOf(views, view)),
  );
  const { image, patches } = await encodeViews(encoder, renderings, blocks);
  return {
    samples: samples.length,
    views: viewCount,
    image,
    patches,
    gather: pointGather(
      samples.map(({ correspondences }) => correspondences),
      config,
    ),
    labels: samples.map(({ label }) => label),
    viewLabels: samples.flatMap(({ views }) => [...viewLabels(views)]),
    viewMasks: tf.tensor3d(
      joined(samples, ({ masks }) => masks),
      [samples.length * viewCount, size, size],
    ),
    pointMasks: tf.tensor2d(
      joined(samples, ({ targets }) => targets),
      [samples.length, pointCount],
    ),
    foreground: tf.tensor2d(
      joined(samples, ({ correspondences: c }) => c.foreground),
      [samples.length, pointCount],
    ),
  };
}

/** Where every point of every sample reads the maps of all views. The caller owns the tensors. */
export function pointGather(
  samples: readonly Correspondences[],
  { viewNormalization }: Pick<PointadConfig, 'viewNormalization'>,
): PointGather {
  const { viewCount, pointCount, size } = samples[0];
  const indices = new Int32Array(samples.length * viewCount * pointCount);
  const weights = new Float32Array(indices.length);
  for (const [sample, { pixels, visible }] of samples.entries()) {
    const seen = new Uint16Array(pointCount);
    for (let at = 0; at < visible.length; at++) seen[at % pointCount] += visible[at];
    for (let at = 0; at < visible.length; at++) {
      const view = sample * viewCount + Math.floor(at / pointCount);
      const to = sample * visible.length + at;
      indices[to] = (view * size + pixels[2 * at + 1]) * size + pixels[2 * at];
      const divisor = viewNormalization === 'visibleCount' ? seen[at % pointCount] : viewCount;
      if (visible[at]) weights[to] = 1 / divisor;
    }
  }
  return {
    indices: tf.tensor1d(indices, 'int32'),
    weights: tf.tensor3d(weights, [samples.length, viewCount, pointCount]),
  };
}

function joined(
  samples: readonly TrainingSample[],
  part: (sample: TrainingSample) => Uint8Array,
): Float32Array {
  const length = part(samples[0]).length;
  const values = new Float32Array(samples.length * length);
  for (const [i, sample] of samples.entries()) values.set(part(sample), i * length);
  return values;
}
