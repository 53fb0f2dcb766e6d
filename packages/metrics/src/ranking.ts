import { concatScores, emptyLike } from './chunks.js';
import type { Scores } from './inputs.js';
import { type Pool, regionShares } from './pool.js';
import { sortChunks, sortOrder } from './radix-sort.js';

/** A pool in order: what every exact metric is a function of. */
export interface Ranking {
  /** Ascending. */
  readonly normal: Scores;
  /** Ascending. */
  readonly anomalous: Scores;
  /** What each anomalous element is of its region: 1 / size, or weight / total weight; empty without regions. */
  readonly share: Float64Array;
  readonly regionCount: number;
  /** Weights of the normal elements, where they do not count alike. */
  readonly normalWeights?: Float64Array;
}

/** Sorts a pool: the one sort behind all exact metrics. */
export function rank(pool: Pool): Ranking {
  const regionCount = pool.regionSizes.length;
  if (regionCount === 0) {
    const anomalous = sortChunks([pool.anomalous]);
    return { normal: sortChunks(pool.normal), anomalous, share: new Float64Array(0), regionCount };
  }
  const order = sortOrder(pool.anomalous);
  const anomalous = inOrder(pool.anomalous, order, emptyLike(pool.anomalous, order.length));
  const share = inOrder(regionShares(pool), order, new Float64Array(order.length));
  if (!pool.weights) return { normal: sortChunks(pool.normal), anomalous, share, regionCount };

  const normals = concatScores(pool.normal);
  const normalOrder = sortOrder(normals);
  const normal = inOrder(normals, normalOrder, emptyLike(normals, normals.length));
  const normalWeights = inOrder(pool.weights.normal, normalOrder, new Float64Array(normals.length));
  return { normal, anomalous, share, regionCount, normalWeights };
}

/**
 * Walks a ranking from the highest score down, one group of equal scores at a time. After each step the
 * fields say what is predicted anomalous by "score ≥ threshold".
 */
export class GroupCursor {
  threshold = Infinity;
  truePositives = 0;
  falsePositives = 0;
  /** Weight of the false positives; their number where all count alike. */
  falseWeight = 0;
  /** Sum over the regions of the share that is predicted anomalous. */
  overlap = 0;
  private readonly normal: Scores;
  private readonly anomalous: Scores;
  private readonly share: Float64Array;
  private readonly normalWeights: Float64Array | undefined;

  constructor({ normal, anomalous, share, normalWeights }: Ranking) {
    this.normal = normal;
    this.anomalous = anomalous;
    this.share = share;
    this.normalWeights = normalWeights;
  }

  /** Takes in the next group; false when none is left. */
  next(): boolean {
    const { normal, anomalous, share, normalWeights } = this;
    // Next element of either list, from the end.
    let n = normal.length - 1 - this.falsePositives;
    let a = anomalous.length - 1 - this.truePositives;
    if (n < 0 && a < 0) return false;
    const threshold = a < 0 || (n >= 0 && normal[n] > anomalous[a]) ? normal[n] : anomalous[a];
    if (normalWeights) {
      for (; n >= 0 && normal[n] === threshold; n--) this.falseWeight += normalWeights[n];
    } else {
      while (n >= 0 && normal[n] === threshold) n--;
      this.falseWeight = normal.length - 1 - n;
    }
    for (; a >= 0 && anomalous[a] === threshold; a--) {
      if (share.length > 0) this.overlap += share[a];
    }
    this.falsePositives = normal.length - 1 - n;
    this.truePositives = anomalous.length - 1 - a;
    this.threshold = threshold + 0; // −0 and +0 are one score, shown as 0
    return true;
  }
}

/** What the false positives can weigh at most: the number of normal elements where all count alike. */
export function totalNormalWeight({ normal, normalWeights }: Ranking): number {
  return normalWeights ? normalWeights.reduce((sum, weight) => sum + weight, 0) : normal.length;
}

/** Number of different scores in a ranking. */
export function countGroups(ranking: Ranking): number {
  const cursor = new GroupCursor(ranking);
  let count = 0;
  while (cursor.next()) count++;
  return count;
}

/** How many of the ascending scores are below `threshold`. */
export function countBelow(ascending: ArrayLike<number>, threshold: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] < threshold) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the ascending scores are at most `threshold`. */
export function countUpTo(ascending: ArrayLike<number>, threshold: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] <= threshold) low = middle + 1;
    else high = middle;
  }
  return low;
}

function inOrder<Target extends Scores>(values: Scores, order: Uint32Array, target: Target): Target {
  for (let i = 0; i < order.length; i++) target[i] = values[order[i]];
  return target;
}
