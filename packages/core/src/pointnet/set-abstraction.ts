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

/** {@link LevelGroups} as tensors, so that a recorded step can be given others. */
export interface LevelRows {
  /** [B·S] int32: rows of the points of all clouds, one cloud after another. */
  readonly centres: tf.Tensor1D;
  /** Per scale [B·S·K] int32. */
  readonly neighbours: readonly tf.Tensor1D[];
}

/**
 * @param count - N, the points of each cloud.
 * @returns New tensors.
 */
export function levelRows({ centres, neighbours }: LevelGroups, batch: number, count: number): LevelRows {
  const rows = (indices: Int32Array) => {
    const perCloud = indices.length / batch;
    const flat = indices.map((index, i) => index + Math.floor(i / perCloud) * count);
    return tf.tensor1d(flat, 'int32');
  };
  return { centres: rows(centres), neighbours: neighbours.map(rows) };
}

/**
 * Rows of chosen points, differentiable to `values`.
 *
 * @param values - [B, N, C]
 * @param rows - [B·M], of the points of all clouds.
 * @returns [B, M, C]
 */
export function gatherPoints(values: tf.Tensor3D, rows: tf.Tensor1D): tf.Tensor3D {
  const [batch, count, width] = values.shape;
  return tf.tidy(() => {
    const gathered = tf.gather(tf.reshape(values, [batch * count, width]), rows);
    return tf.reshape(gathered, [batch, rows.size / batch, width]) as tf.Tensor3D;
  });
}

/**
 * Coordinates of grouped points relative to their centre, their features behind them.
 *
 * @param points - [B, N, 3]
 * @param features - [B, N, C], if the points have any.
 * @param centres - [B·S], `neighbours` [B·S·K], as in {@link LevelRows}.
 * @returns [B, S, K, 3 + C]
 */
export function groupPoints(
  points: tf.Tensor3D,
  features: tf.Tensor3D | undefined,
  centres: tf.Tensor1D,
  neighbours: tf.Tensor1D,
): tf.Tensor4D {
  const [batch] = points.shape;
  const [count, groupSize] = [centres.size / batch, neighbours.size / centres.size];
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
  centres: tf.Tensor1D,
  neighbours: tf.Tensor1D,
  layers: readonly MlpLayer[],
  training: boolean,
): tf.Tensor3D {
  return tf.tidy(() => {
    const source = groupedRows(points, features, centres, neighbours, training);
    const described = describeRows(source, neighbours.size / centres.size, layers, training);
    return tf.reshape(described, [points.shape[0], -1, described.shape[1]]) as tf.Tensor3D;
  });
}

function groupedRows(
  points: tf.Tensor3D,
  features: tf.Tensor3D | undefined,
  centres: tf.Tensor1D,
  neighbours: tf.Tensor1D,
  training: boolean,
): RowSource {
  const [batch, count] = points.shape;
  const groupSize = neighbours.size / centres.size;
  /** Adds rows up where the points of all clouds, one after another, lie. */
  const addedUp = (slope: tf.Tensor, rows: tf.Tensor) =>
    tf.unsortedSegmentSum(slope, rows as tf.Tensor1D, batch * count);
  const ofFeatures = features ? [features] : [];
  return {
    inputs: training ? ofFeatures : [...ofFeatures, points],
    constants: [...(training ? [points] : []), centres, neighbours],
    rows: (parts) =>
      tf.tidy(() => {
        const [around, origins, xyz, values] = [...parts].reverse() as tf.Tensor[];
        const grouped = groupPoints(
          xyz as tf.Tensor3D,
          values as tf.Tensor3D | undefined,
          origins as tf.Tensor1D,
          around as tf.Tensor1D,
        );
        return tf.reshape(grouped, [around.size, grouped.shape[3]]) as tf.Tensor2D;
      }),
    back: (slope, parts) =>
      tf.tidy(() => {
        const [around, origins] = [...parts].reverse();
        const gradients = ofFeatures.map(({ shape }) =>
          tf.reshape(addedUp(tf.slice(slope, [0, 3], [-1, -1]), around), shape),
        );
        if (training) return gradients;
        const ofCoordinates = tf.slice(slope, [0, 0], [-1, 3]);
        const ofCentres = tf.sum(tf.reshape(ofCoordinates, [origins.size, groupSize, 3]), 1);
        const ofPoints = tf.sub(addedUp(ofCoordinates, around), addedUp(ofCentres, origins));
        return [...gradients, tf.reshape(ofPoints, points.shape)];
      }),
  };
}
