import * as tf from '@tensorflow/tfjs';
import { describeRows, givenRows, type RowSource } from './describe-rows.js';
import { ballQuery, farthestPoints, pointsAt } from './grouping.js';
import type { MlpLayer } from './shared-mlp.js';

/** Which points make the groups of one level, for a batch of clouds. Indices count within their cloud. */
export interface LevelGroups {
  /** [B, S], of the centres. */
  readonly centres: Int32Array;
  /** Per scale [B, S, K]. */
  readonly neighbours: readonly Int32Array[];
  /** xyz triples of the centres, [B, S, 3]: the points of the next level. */
  readonly centrePoints: Float32Array;
}

/**
 * Chooses centres and neighbours. On typed arrays: choices have no gradient.
 *
 * @param points - [B, N, 3]
 */
export function chooseGroups(
  points: Float32Array,
  batch: number,
  centreCount: number,
  scales: readonly { readonly radius: number; readonly groupSize: number }[],
): LevelGroups {
  const length = points.length / batch;
  const centres = new Int32Array(batch * centreCount);
  const centrePoints = new Float32Array(3 * batch * centreCount);
  const neighbours = scales.map(({ groupSize }) => new Int32Array(batch * centreCount * groupSize));
  for (let cloud = 0; cloud < batch; cloud++) {
    const own = points.subarray(cloud * length, (cloud + 1) * length);
    const chosen = farthestPoints(own, centreCount);
    const around = pointsAt(own, chosen);
    centres.set(chosen, cloud * centreCount);
    centrePoints.set(around, 3 * cloud * centreCount);
    for (const [i, { radius, groupSize }] of scales.entries()) {
      neighbours[i].set(ballQuery(own, around, radius, groupSize), cloud * centreCount * groupSize);
    }
  }
  return { centres, neighbours, centrePoints };
}

/**
 * Rows of chosen points, differentiable to `values`.
 *
 * @param values - [B, N, C]
 * @param indices - [B, M], each within its cloud.
 * @returns [B, M, C]
 */
export function gatherPoints(values: tf.Tensor3D, indices: Int32Array): tf.Tensor3D {
  const [batch, count, width] = values.shape;
  const perCloud = indices.length / batch;
  return tf.tidy(() => {
    const flat = indices.map((index, i) => index + Math.floor(i / perCloud) * count);
    const rows = tf.gather(tf.reshape(values, [batch * count, width]), tf.tensor1d(flat, 'int32'));
    return tf.reshape(rows, [batch, perCloud, width]) as tf.Tensor3D;
  });
}

/**
 * Coordinates of grouped points relative to their centre, their features behind them.
 *
 * @param points - [B, N, 3]
 * @param features - [B, N, C], if the points have any.
 * @returns [B, S, K, 3 + C]
 */
export function groupPoints(
  points: tf.Tensor3D,
  features: tf.Tensor3D | undefined,
  centres: Int32Array,
  neighbours: Int32Array,
): tf.Tensor4D {
  const [batch] = points.shape;
  const [count, groupSize] = [centres.length / batch, neighbours.length / centres.length];
  return tf.tidy(() => {
    const grouped = (values: tf.Tensor3D) =>
      tf.reshape(gatherPoints(values, neighbours), [batch, count, groupSize, values.shape[2]]) as tf.Tensor4D;
    const origin = tf.reshape(gatherPoints(points, centres), [batch, count, 1, 3]);
    const relative = tf.sub<tf.Tensor4D>(grouped(points), origin);
    return features ? tf.concat([relative, grouped(features)], 3) : relative;
  });
}

/** The shared MLP on every point of a group, then the maximum over the group. @param x - [B, S, K, C]. @returns [B, S, D]. */
export function describeGroups(x: tf.Tensor4D, layers: readonly MlpLayer[], training: boolean): tf.Tensor3D {
  const [batch, count, groupSize, inputs] = x.shape;
  return tf.tidy(() => {
    const rows = tf.reshape(x, [batch * count * groupSize, inputs]) as tf.Tensor2D;
    const described = describeRows(givenRows(rows), groupSize, layers, training);
    return tf.reshape(described, [batch, count, described.shape[1]]) as tf.Tensor3D;
  });
}

/**
 * {@link groupPoints} and {@link describeGroups} as one operation, which does not keep the groups for the backward pass. In
 * training it is differentiable to the features and parameters, else to the points and features.
 *
 * @returns [B, S, D]
 */
export function describeNeighbours(
  points: tf.Tensor3D,
  features: tf.Tensor3D | undefined,
  centres: Int32Array,
  neighbours: Int32Array,
  layers: readonly MlpLayer[],
  training: boolean,
): tf.Tensor3D {
  return tf.tidy(() => {
    const source = groupedRows(points, features, centres, neighbours, training);
    const described = describeRows(source, neighbours.length / centres.length, layers, training);
    return tf.reshape(described, [points.shape[0], -1, described.shape[1]]) as tf.Tensor3D;
  });
}

function groupedRows(
  points: tf.Tensor3D,
  features: tf.Tensor3D | undefined,
  centres: Int32Array,
  neighbours: Int32Array,
  training: boolean,
): RowSource {
  const [batch, count] = points.shape;
  const groupSize = neighbours.length / centres.length;
  /** Adds rows up where the points of all clouds, one after another, lie. */
  const addedUp = (rows: tf.Tensor2D, indices: Int32Array) => {
    const perCloud = indices.length / batch;
    const flat = indices.map((index, i) => index + Math.floor(i / perCloud) * count);
    return tf.unsortedSegmentSum(rows, tf.tensor1d(flat, 'int32'), batch * count);
  };
  const ofFeatures = features ? [features] : [];
  return {
    inputs: training ? ofFeatures : [...ofFeatures, points],
    constants: training ? [points] : [],
    rows: (parts) =>
      tf.tidy(() => {
        const [xyz, values] = [...parts].reverse() as tf.Tensor3D[];
        const grouped = groupPoints(xyz, values, centres, neighbours);
        return tf.reshape(grouped, [neighbours.length, grouped.shape[3]]) as tf.Tensor2D;
      }),
    back: (slope) =>
      tf.tidy(() => {
        const gradients = ofFeatures.map(({ shape }) =>
          tf.reshape(addedUp(tf.slice(slope, [0, 3], [-1, -1]), neighbours), shape),
        );
        if (training) return gradients;
        const ofCoordinates = tf.slice(slope, [0, 0], [-1, 3]);
        const ofCentres = tf.sum(tf.reshape(ofCoordinates, [centres.length, groupSize, 3]), 1) as tf.Tensor2D;
        const ofPoints = tf.sub(addedUp(ofCoordinates, neighbours), addedUp(ofCentres, centres));
        return [...gradients, tf.reshape(ofPoints, points.shape)];
      }),
  };
}
