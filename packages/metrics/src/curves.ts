import { MetricsInputError } from './errors.js';
import { fScore } from './f1-max.js';
import type { LabelInput, MaskMap, ScoreInput, ScoreMap } from './inputs.js';
import { type PoolOptions, poolImages, poolScores } from './pool.js';
import { countGroups, GroupCursor, type Ranking, rank, totalNormalWeight } from './ranking.js';

export interface CurveOptions extends PoolOptions {
  /**
   * Keeps about this many points of a longer curve: the first, the last, and each that lies further than
   * 2 / thin, in |Δx| + |Δy|, from the one kept before. @defaultValue Infinity, every point
   */
  thin?: number;
}

/** Parallel lists, thresholds descending. Point k is what "score ≥ threshold[k]" predicts. */
export interface Curve {
  /** First +Infinity, where nothing is predicted anomalous; then every different score. */
  readonly threshold: Float64Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Receiver operating characteristic: x = false positive rate, y = true positive rate, (0, 0) to (1, 1). */
export function rocCurve(scores: ScoreInput, labels: LabelInput, options: CurveOptions = {}): Curve {
  const ranking = ranked('rocCurve', scores, labels, options);
  const { fpr, recall } = rates(ranking);
  return traceCurve(ranking, options, { x: fpr, y: recall });
}

/** Precision-recall curve: x = recall, y = precision, starting at (0, 1). */
export function prCurve(scores: ScoreInput, labels: LabelInput, options: CurveOptions = {}): Curve {
  const ranking = ranked('prCurve', scores, labels, options);
  const precision = ({ truePositives, falsePositives }: Counts) =>
    truePositives + falsePositives === 0 ? 1 : truePositives / (truePositives + falsePositives);
  return traceCurve(ranking, options, { x: rates(ranking).recall, y: precision });
}

/** F1 over the threshold: x = threshold, y = F1. */
export function f1Curve(scores: ScoreInput, labels: LabelInput, options: CurveOptions = {}): Curve {
  const ranking = ranked('f1Curve', scores, labels, options);
  const anomalousCount = ranking.anomalous.length;
  const y = (at: Counts) => fScore(at.truePositives, at.falsePositives, anomalousCount);
  return traceCurve(ranking, options, { y });
}

/** False positive rate over the threshold: x = threshold, y = FPR. */
export function fprCurve(scores: ScoreInput, labels: LabelInput, options: CurveOptions = {}): Curve {
  const ranking = ranked('fprCurve', scores, labels, options);
  return traceCurve(ranking, options, { y: rates(ranking).fpr });
}

/** Intersection over union with the ground truth over the threshold: x = threshold, y = TP / (TP + FP + FN). */
export function iouCurve(scores: ScoreInput, labels: LabelInput, options: CurveOptions = {}): Curve {
  const ranking = ranked('iouCurve', scores, labels, options);
  const anomalousCount = ranking.anomalous.length;
  const y = (at: Counts) => at.truePositives / (anomalousCount + at.falsePositives);
  return traceCurve(ranking, options, { y });
}

/**
 * Per-region overlap: x = false positive rate over all normal pixels, y = mean over all regions of the share
 * that is found. Every different score is a point; (1, 1) at threshold −Infinity closes the curve.
 */
export function proCurve(
  maps: readonly ScoreMap[],
  masks: readonly MaskMap[],
  options: CurveOptions = {},
): Curve {
  checkThin('proCurve', options);
  return proCurveOf(rank(poolImages('proCurve', maps, masks, options)), options);
}

/** {@link proCurve} of a ranking. */
export function proCurveOf(ranking: Ranking, { thin }: { thin?: number }): Curve {
  const total = totalNormalWeight(ranking);
  return traceCurve(
    ranking,
    { thin },
    {
      // Sums of shares and of weights may end a rounding error above their totals.
      x: (at) => Math.min(1, at.falseWeight / total),
      y: (at) => Math.min(1, at.overlap / ranking.regionCount),
      closed: true,
    },
  );
}

/** Throws unless `thin` is absent or at least 2. */
export function checkThin(where: string, { thin = Infinity }: { thin?: number }): void {
  if (!(thin >= 2)) throw new MetricsInputError(where, 'thin to be at least 2', thin);
}

type Counts = Pick<GroupCursor, 'threshold' | 'truePositives' | 'falsePositives' | 'falseWeight' | 'overlap'>;

function ranked(where: string, scores: ScoreInput, labels: LabelInput, options: CurveOptions): Ranking {
  checkThin(where, options);
  return rank(poolScores(where, scores, labels, options));
}

function rates({ normal, anomalous }: Ranking) {
  return {
    fpr: (at: Counts) => at.falsePositives / normal.length,
    recall: (at: Counts) => at.truePositives / anomalous.length,
  };
}

interface Axes {
  /** Absent: the threshold itself, whose finite range then counts as 1 when thinning. */
  readonly x?: (at: Counts) => number;
  readonly y: (at: Counts) => number;
  /** Whether (1, 1) at threshold −Infinity is added. */
  readonly closed?: boolean;
}

function traceCurve(ranking: Ranking, { thin = Infinity }: { thin?: number }, axes: Axes): Curve {
  const { x = (at) => at.threshold, y, closed = false } = axes;
  const count = countGroups(ranking) + (closed ? 2 : 1);
  const points = new PointList(count > thin ? 2 / thin : 0, axes.x ? 1 : 1 / finiteRange(ranking));
  const cursor = new GroupCursor(ranking);
  do points.push(cursor.threshold, x(cursor), y(cursor));
  while (cursor.next());
  if (closed) points.push(-Infinity, 1, 1);
  return points.finish();
}

/** Points of a curve, of which those closer than `step` to the last kept one are dropped. */
class PointList {
  private values = new Float64Array(3 * 256);
  private length = 0;
  private pending: readonly [number, number, number] | undefined;

  constructor(
    private readonly step: number,
    private readonly xScale: number,
  ) {}

  push(threshold: number, x: number, y: number): void {
    const { length, values } = this;
    const moved = Math.abs(x - values[length - 2]) * this.xScale + Math.abs(y - values[length - 1]);
    if (length === 0 || this.step === 0 || moved > this.step) this.keep(threshold, x, y);
    else this.pending = [threshold, x, y];
  }

  /** The kept points; the very last one is always among them. */
  finish(): Curve {
    if (this.pending) this.keep(...this.pending);
    const component = (first: number) =>
      Float64Array.from({ length: this.length / 3 }, (_, i) => this.values[3 * i + first]);
    return { threshold: component(0), x: component(1), y: component(2) };
  }

  private keep(threshold: number, x: number, y: number): void {
    if (this.length === this.values.length) {
      const larger = new Float64Array(2 * this.length);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = threshold;
    this.values[this.length++] = x;
    this.values[this.length++] = y;
    this.pending = undefined;
  }
}

/** Highest minus lowest finite score; 1 when there is no such range. */
function finiteRange({ normal, anomalous }: Ranking): number {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const scores of [normal, anomalous]) {
    const first = scores.findIndex(Number.isFinite);
    if (first < 0) continue;
    lowest = Math.min(lowest, scores[first]);
    highest = Math.max(highest, scores[scores.findLastIndex(Number.isFinite)]);
  }
  return highest > lowest ? highest - lowest : 1;
}
