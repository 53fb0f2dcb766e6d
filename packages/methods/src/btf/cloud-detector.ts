import { ArgumentError, breathe, type PointCloud } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import { buildKdTree, everyKth, type KdTree, knnAll, nearestAll, selectPoints } from '@anomclip/pointcloud';
import type { Detector, Prediction, PredictOptions } from '../detector.js';
import { nearestRows, reweightedScore, takeRows } from '../memory-bank/index.js';
import { readBank, writeBank } from './bank-file.js';
import { type FittedBtfCloudConfig, fittedBtfCloudConfig } from './cloud-config.js';
import { fpfhOfCloud } from './cloud-features.js';
import { FPFH_SIZE } from './features.js';

/** BTF on clouds without a grid: made by `fitBtfCloud` or `loadBtfCloud`. */
export interface BtfCloudDetector extends Detector<PointCloud> {
  readonly config: FittedBtfCloudConfig;
  /** Rows of the memory bank. */
  readonly bankSize: number;
  /**
   * `pointScores` has one score per point; there is no `anomalyMap`. A cloud without points has an image score of 0.
   *
   * @throws {@link ShapeError} when positions are not [N, 3].
   * @throws {@link ArgumentError} when a coordinate is not finite, or normals are asked for and missing.
   */
  predict(cloud: PointCloud, options?: PredictOptions): Promise<Prediction>;
  /** A safetensors file for `loadBtfCloud`. */
  save(): Uint8Array;
}

/**
 * A detector from the bytes that `save()` gave.
 *
 * @throws {@link FormatError} when the file is malformed, of another kind or version, or its content cannot work.
 */
export function loadBtfCloud(bytes: Uint8Array): BtfCloudDetector {
  const { bank, config } = readBank('btf-cloud', bytes, fittedBtfCloudConfig);
  return createBtfCloudDetector(bank, config);
}

/** @param rows - [M, 33] row-major; kept. */
export function createBtfCloudDetector(rows: Float32Array, config: FittedBtfCloudConfig): BtfCloudDetector {
  let bank: Float32Array | null = rows;
  function usableBank(): Float32Array {
    if (bank) return bank;
    throw new ArgumentError('BtfCloudDetector', 'a detector that has not been disposed', 'one that has');
  }

  return {
    config,
    bankSize: rows.length / FPFH_SIZE,

    async predict(cloud, { signal } = {}) {
      const bank = usableBank();
      await breathe(signal);
      const features = fpfhOfCloud(cloud, config);
      await breathe(signal);
      const scored = everyKth(cloud.positions.shape[0], config.scoreEvery);
      const queries = takeRows(features, FPFH_SIZE, scored);
      const nearest = nearestRows(queries, bank, FPFH_SIZE);
      const options = { neighbours: config.reweightNeighbours };
      const { score } = reweightedScore(queries, bank, FPFH_SIZE, nearest, options);
      return {
        imageScore: score,
        pointScores: spread(nearest.distances, cloud, scored, config.smoothNeighbours),
      };
    },

    save: () => writeBank('btf-cloud', usableBank(), config),
    dispose() {
      bank = null;
    },
  };
}

/** The score of every point: that of the nearest scored point, or the mean of several. */
function spread(
  distances: Float64Array,
  cloud: PointCloud,
  scored: Uint32Array,
  count: number,
): Float32Array {
  const tree = buildKdTree(contiguous(selectPoints(cloud, scored).positions));
  const smoothed = count === 1 ? distances : meanOfNearest(distances, tree, count);
  if (scored.length === cloud.positions.shape[0]) return Float32Array.from(smoothed);
  const { indices } = nearestAll(tree, contiguous(cloud.positions));
  return Float32Array.from(indices, (index) => smoothed[index]);
}

function meanOfNearest(values: Float64Array, tree: KdTree, count: number): Float64Array {
  const means = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += POINTS_AT_ONCE) {
    const end = Math.min(start + POINTS_AT_ONCE, values.length);
    const { k, indices } = knnAll(tree, { k: count, start, end });
    for (let i = 0; i < indices.length; i++) means[start + Math.floor(i / k)] += values[indices[i]] / k;
  }
  return means;
}

/** Bounds the table of neighbours of a large cloud. */
const POINTS_AT_ONCE = 65_536;
