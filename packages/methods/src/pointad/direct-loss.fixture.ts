import type { Correspondences } from '@anomclip/pointcloud/views';
import * as tf from '@tensorflow/tfjs';
import { crossEntropy, diceLoss, focalLoss } from '../losses/index.js';
import { patchProbabilities, viewLogits, viewMaps } from './scores.js';

/** What the loss is computed from, as section 5 of PointAD's specification has it: maps of all views, read at all points. */
export interface DirectBatch {
  readonly correspondences: readonly Correspondences[];
  readonly image: tf.Tensor2D;
  readonly patches: tf.Tensor3D;
  readonly labels: tf.Tensor1D;
  readonly viewLabels: tf.Tensor1D;
  /** [N·V, R, R] */
  readonly viewMasks: tf.Tensor3D;
  /** [N, n] */
  readonly targets: tf.Tensor2D;
}

/** The four terms, word for word: upsampled maps, gathered at every point of every view, weighted, summed. */
export function directLoss(batch: DirectBatch, text: tf.Tensor2D): tf.Scalar[] {
  const { correspondences, viewMasks, targets, labels } = batch;
  const [{ viewCount, size }] = correspondences;
  const logits = viewLogits(batch.image, text, 0.07);
  const averaged = tf.mean(tf.reshape(logits, [labels.size, viewCount, 2]), 1) as tf.Tensor2D;
  const maps = viewMaps(patchProbabilities(batch.patches, text, 0.07), size);
  const normalMaps = tf.sub(1, maps);
  const anomalous = directPoints(maps, correspondences);
  const normal = directPoints(normalMaps, correspondences);
  return [
    crossEntropy(averaged, labels),
    tf.add(diceLoss(anomalous, targets), diceLoss(normal, tf.sub(1, targets))),
    crossEntropy(logits, batch.viewLabels),
    tf.addN([
      focalLoss(maps, viewMasks),
      diceLoss(maps, viewMasks),
      diceLoss(normalMaps, tf.sub(1, viewMasks)),
    ]),
  ] as tf.Scalar[];
}

/** [N, n]: the mean of the maps at the pixels where the points are visible (4.3). */
export function directPoints(maps: tf.Tensor, samples: readonly Correspondences[]): tf.Tensor2D {
  const [{ viewCount, pointCount, size }] = samples;
  const flat = tf.reshape(maps, [samples.length, -1]);
  const rows = samples.map(({ pixels, visible }, sample) => {
    const indices = Int32Array.from(visible, (_, at) => {
      const view = Math.floor(at / pointCount);
      return (view * size + pixels[2 * at + 1]) * size + pixels[2 * at];
    });
    const ofSample = tf.reshape(tf.slice(flat, [sample, 0], [1, -1]), [-1]);
    const read = tf.gather(ofSample, tf.tensor1d(indices, 'int32'));
    const flags = tf.tensor2d(Float32Array.from(visible), [viewCount, pointCount]);
    const sums = tf.sum(tf.mul(tf.reshape(read, [viewCount, pointCount]), flags), 0);
    return tf.div(sums, tf.maximum(tf.sum(flags, 0), 1));
  });
  return tf.stack(rows) as tf.Tensor2D;
}
