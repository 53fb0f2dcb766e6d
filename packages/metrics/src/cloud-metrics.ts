import { type AuproOptions, type AuproResult, auproOfRanking, checkAuproOptions } from './aupro.js';
import { concatScores } from './chunks.js';
import {
  type CloudRegionOptions,
  checkCloudRegionOptions,
  checkPositions,
  findCloudRegions,
} from './cloud-regions.js';
import { MetricsInputError } from './errors.js';
import { checkSameLength, type NanOptions, type Scores, withoutNan } from './inputs.js';
import { createKdTree, type KdTree, Neighbours } from './kd-tree.js';
import type { Pool } from './pool.js';
import { rank } from './ranking.js';
import { type RankingSummary, summarise } from './summary.js';

/** One unorganised test cloud with a score for every point. */
export interface ScoredCloud {
  readonly scores: Scores;
  /** One per point, non-zero is anomalous. */
  readonly labels: Uint8Array;
  /** xyz triples, length 3 · N, finite. */
  readonly positions: Float32Array;
}

export interface CloudMetricsOptions
  extends NanOptions,
    CloudRegionOptions,
    Pick<AuproOptions, 'fprLimit' | 'thin'> {
  /**
   * How points count in AUPRO: each alike, or `'area'`, each by the square of its mean distance to its 4
   * nearest neighbours, which makes up for uneven sampling. @defaultValue `'count'`
   */
  weights?: 'count' | 'area';
}

export interface CloudMetrics extends RankingSummary {
  /** In mode `'exact'`. Not part of the original benchmarks: clouds have no grid to find regions on. */
  readonly aupro: AuproResult;
  readonly normalPoints: number;
  readonly anomalousPoints: number;
  /** Connected groups of anomalous points in all clouds. */
  readonly regions: number;
}

/**
 * Point AUROC, average precision, F1-max and AUPRO over the points of all test clouds, from one sort. The
 * regions of AUPRO are those of {@link cloudRegions}, cloud by cloud.
 *
 * @returns Fractions in [0, 1]; NaN where undefined, with the reason.
 * @throws {@link MetricsInputError} when lengths do not match, a coordinate is not finite, or on NaN scores
 * unless `nan` allows them.
 */
export function cloudMetrics(
  clouds: readonly ScoredCloud[],
  options: CloudMetricsOptions = {},
): CloudMetrics {
  const { weights = 'count', fprLimit, thin } = options;
  if (weights !== 'count' && weights !== 'area') {
    throw new MetricsInputError('cloudMetrics', "weights to be 'count' or 'area'", weights);
  }
  checkCloudRegionOptions('cloudMetrics', options);
  checkAuproOptions('cloudMetrics', { fprLimit, thin });
  const ranking = rank(poolClouds(clouds, options));
  const summary = summarise(ranking, 'point');
  const aupro = auproOfRanking(ranking, { mode: 'exact', fprLimit, thin });
  return {
    ...summary,
    aupro,
    normalPoints: ranking.normal.length,
    anomalousPoints: ranking.anomalous.length,
    regions: ranking.regionCount,
    undefined: [...summary.undefined, ...aupro.undefined],
  };
}

function poolClouds(clouds: readonly ScoredCloud[], options: CloudMetricsOptions): Pool {
  const normal: Scores[] = [];
  const anomalous: Scores[] = [];
  const regionOf: number[] = [];
  const regionSizes: number[] = [];
  const normalWeights: number[] = [];
  const anomalousWeights: number[] = [];
  for (const [index, cloud] of clouds.entries()) {
    const where = `cloudMetrics: cloud ${index}`;
    const { labels, positions } = cloud;
    checkSameLength(where, `labels for ${cloud.scores.length} scores`, labels.length, cloud.scores.length);
    checkPositions(where, positions, labels.length);
    const scores = withoutNan(where, cloud.scores, options, (point) => `point ${point}`);
    const tree = createKdTree(positions);
    const regions = findCloudRegions(tree, positions, labels, options);
    const areas = options.weights === 'area' ? pointAreas(tree, positions) : undefined;

    const firstRegion = regionSizes.length;
    for (let region = 0; region < regions.count; region++) regionSizes.push(0);
    for (let i = 0; i < labels.length; i++) {
      if (areas) (labels[i] === 0 ? normalWeights : anomalousWeights).push(areas[i]);
      if (labels[i] === 0) continue;
      const region = firstRegion + regions.labels[i] - 1;
      regionOf.push(region);
      regionSizes[region] += areas ? areas[i] : 1;
    }
    normal.push(scores.filter((_, i) => labels[i] === 0));
    anomalous.push(scores.filter((_, i) => labels[i] !== 0));
  }
  const pool = {
    normal,
    anomalous: concatScores(anomalous),
    regionOf: Uint32Array.from(regionOf),
    regionSizes,
  };
  if (options.weights !== 'area') return pool;
  const weights = {
    normal: Float64Array.from(normalWeights),
    anomalous: Float64Array.from(anomalousWeights),
  };
  return { ...pool, weights };
}

/**
 * The surface a point stands for: the squared mean distance to its 4 nearest neighbours. It is 0 for a point on
 * top of 4 others; the least positive number instead keeps the shares of a region of such points defined.
 */
function pointAreas(tree: KdTree, positions: Float32Array): Float64Array {
  const areas = new Float64Array(tree.order.length);
  const nearest = new Neighbours(tree, 4);
  for (const point of tree.order) {
    nearest.find(positions, point, point);
    let sum = 0;
    for (let i = 0; i < nearest.count; i++) sum += Math.sqrt(nearest.squaredDistances[i]);
    areas[point] = nearest.count === 0 ? 1 : (sum / nearest.count) ** 2 || Number.MIN_VALUE;
  }
  return areas;
}
