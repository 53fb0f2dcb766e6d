import { resize } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import { gatherValues } from './gather-values.js';

// Section 4 of PointAD's specification. Image, patch and text features are of unit length throughout.

/**
 * Cosine similarities with the normal and the anomalous text over the temperature (4.1, before the softmax).
 *
 * @param image - [V, D]
 * @param text - [2, D]
 * @returns [V, 2]
 */
export function viewLogits(image: tf.Tensor2D, text: tf.Tensor2D, temperature: number): tf.Tensor2D {
  return tf.tidy(() => tf.div(tf.matMul(image, text, false, true), temperature));
}

/**
 * Probability of being anomalous of every patch (4.2, before the upsampling): of two classes the softmax is
 * σ((cos_a − cos_n) / τ), one product with the difference of the texts.
 *
 * @param patches - [V, P, D]
 * @param text - [2, D]
 * @returns [V, P]
 */
export function patchProbabilities(
  patches: tf.Tensor3D,
  text: tf.Tensor2D,
  temperature: number,
): tf.Tensor2D {
  return tf.tidy(() => {
    const [views, count, width] = patches.shape;
    const [normal, anomalous] = tf.split(text, 2);
    const direction = tf.reshape(tf.div(tf.sub(anomalous, normal), temperature), [width, 1]);
    const logits = tf.matMul(tf.reshape(patches, [views * count, width]), direction as tf.Tensor2D);
    return tf.reshape(tf.sigmoid(logits), [views, count]) as tf.Tensor2D;
  });
}

/**
 * Anomaly maps of the views (4.2): patch probabilities, bilinearly upsampled with half-pixel centres.
 *
 * @param probabilities - [V, P], P patches of a square grid.
 * @returns [V, size, size]
 */
export function viewMaps(probabilities: tf.Tensor2D, size: number): tf.Tensor3D {
  return tf.tidy(() => {
    const [views, count] = probabilities.shape;
    const side = Math.round(Math.sqrt(count));
    const grid = tf.reshape(probabilities, [views, side, side, 1]) as tf.Tensor4D;
    return tf.reshape(resize(grid, size, size), [views, size, size]) as tf.Tensor3D;
  });
}

/** Where each point reads the maps of the views, and with which weight; constants of a batch. */
export interface PointGather {
  /** [N·V·n] int32: index into the flattened maps [N·V, R, R]. */
  readonly indices: tf.Tensor1D;
  /** [N, V, n]: 1 / (visible views) or 1 / V where the point is visible, else 0. */
  readonly weights: tf.Tensor3D;
}

/**
 * Probability of being anomalous of every point (4.3): the weighted average of the maps at its pixels. Background
 * cells, whose weights are all 0, get 0.
 *
 * @param maps - [N·V, R, R]
 * @returns [N, n]
 */
export function pointProbabilities(maps: tf.Tensor3D, { indices, weights }: PointGather): tf.Tensor2D {
  return tf.tidy(() => {
    const flat = tf.reshape(maps, [-1]) as tf.Tensor1D;
    const read = tf.reshape(gatherValues(flat, indices), weights.shape);
    return tf.sum(tf.mul(read, weights), 1) as tf.Tensor2D;
  });
}
