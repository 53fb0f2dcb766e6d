import { ArgumentError, ShapeError } from '@anomclip/core';
import type { Features } from '@anomclip/core/encoder';
import { type MultiViewSample, viewLabels } from '@anomclip/pointcloud/views';
import * as tf from '@tensorflow/tfjs';
import type { PointadConfig } from './config.js';
import type { PointadSample } from './detector.js';
import type { DiceSums, PointadBatch } from './hybrid-loss.js';
import { type DiceTargets, diceTargets, type GroundTruth, pixelWeights } from './targets.js';

/** A sample as training sees it, all but its features. */
export interface TrainingSample extends GroundTruth {
  readonly dice: DiceTargets;
  readonly label: 0 | 1;
  /** [V] */
  readonly viewLabels: Uint8Array;
}

/**
 * Training samples, checked once before the first step.
 *
 * @param side - Patches along each side of a view.
 * @throws {@link ArgumentError} when a sample has no labels or correspondences, {@link ShapeError} when samples differ in
 *   views or pixels.
 */
export function trainingSamples(
  samples: readonly PointadSample[],
  side: number,
  config: Pick<PointadConfig, 'viewNormalization' | 'loss' | 'label'>,
): (TrainingSample & { readonly views: MultiViewSample })[] {
  if (samples.length === 0) throw new ArgumentError(WHERE, 'at least one sample', 0);
  return samples.map(({ views, label }, i) => {
    const { correspondences, targets, masks } = views;
    if (!correspondences || !targets || !masks) {
      const lacking = correspondences ? 'labels' : 'correspondences';
      throw new ArgumentError(
        WHERE,
        'samples with correspondences and labels',
        `sample ${i} without ${lacking}`,
      );
    }
    const [shape, first] = [views, samples[0].views].map(({ viewCount, options }) => [
      viewCount,
      options.render.size,
    ]);
    if (shape.join() !== first.join()) {
      const hint = 'render all clouds with the same options';
      throw new ShapeError(
        WHERE,
        `samples of as many views and pixels as the first, [${first}]`,
        shape,
        hint,
      );
    }
    const fromPoints = targets.includes(1) ? 1 : 0;
    return {
      views,
      correspondences,
      targets,
      masks,
      dice: diceTargets({ correspondences, targets, masks }, side, config),
      label: config.label.source === 'folder' ? (label ?? fromPoints) : fromPoints,
      viewLabels: viewLabels(views),
    };
  });
}

/** Features and targets of some samples as tensors, which the caller owns. */
export function pointadBatch(samples: readonly (readonly [TrainingSample, Features])[]): PointadBatch {
  const truths = samples.map(([truth]) => truth);
  const features = samples.map(([, part]) => part);
  const { viewCount, size } = truths[0].correspondences;
  const [image, ...patches] = [...features[0]].map(([name, { shape }]) => {
    const values = features.map((part) => part.get(name)?.data ?? new Float32Array());
    return tf.tensor(joined(values), [samples.length * viewCount, ...shape.slice(1)]);
  });
  const { dice } = truths[0];
  return {
    samples: samples.length,
    views: viewCount,
    image: image as tf.Tensor2D,
    patches: patches as tf.Tensor3D[],
    labels: tf.tensor1d(
      truths.map(({ label }) => label),
      'int32',
    ),
    viewLabels: tf.tensor1d(
      truths.flatMap(({ viewLabels: ofViews }) => [...ofViews]),
      'int32',
    ),
    viewMasks: tf.tensor3d(joined(truths.map(({ masks }) => masks)), [
      samples.length * viewCount,
      size,
      size,
    ]),
    viewDice: viewSums(
      truths.map(({ dice: ofSample }) => ofSample),
      size,
      dice.maskedPixels.length / viewCount,
    ),
    pointDice: pointSums(truths.map(({ dice: ofSample }) => ofSample)),
  };
}

const WHERE = 'fitPointad';

/** Items are the views of all samples. */
function viewSums(samples: readonly DiceTargets[], size: number, patches: number): DiceSums {
  const anomalous = joined(samples.map(({ maskSizes }) => maskSizes));
  const pixels = size * size;
  return diceSums({
    overlap: joined(samples.map(({ maskedPixels }) => maskedPixels)),
    size: pixelWeights(size, Math.round(Math.sqrt(patches))),
    anomalous,
    normal: anomalous.map((count) => pixels - count),
    normalTotal: anomalous.map((count) => pixels - count),
    total: anomalous.map(() => pixels),
  });
}

/** Items are the samples. */
function pointSums(samples: readonly DiceTargets[]): DiceSums {
  const each = (value: (sample: DiceTargets) => number) => Float32Array.from(samples, value);
  return diceSums({
    overlap: joined(samples.map(({ anomalousPoints }) => anomalousPoints)),
    size: joined(samples.map(({ allPoints }) => allPoints)),
    anomalous: each(({ anomalousCount }) => anomalousCount),
    normal: each(({ cellCount, anomalousCount }) => cellCount - anomalousCount),
    normalTotal: each(({ weight, anomalousWeight }) => weight - anomalousWeight),
    total: each(({ weight }) => weight),
  });
}

function diceSums(values: Record<'overlap' | 'size' | keyof DiceSums['targets'], Float32Array>): DiceSums {
  const { overlap, size, anomalous, normal, normalTotal, total } = values;
  const width = overlap.length / anomalous.length;
  return {
    overlap: tf.tensor2d(overlap, [anomalous.length, width]),
    size: tf.tensor2d(size, [size.length / width, width]),
    targets: {
      anomalous: tf.tensor1d(anomalous),
      normal: tf.tensor1d(normal),
      normalTotal: tf.tensor1d(normalTotal),
      total: tf.tensor1d(total),
    },
  };
}

function joined(parts: readonly (Float32Array | Uint8Array)[]): Float32Array {
  const values = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  return values;
}
