/** Evenly spaced thresholds, ascending, where the place of a score is found without a search. */
export class EvenThresholds {
  /** Threshold i is lowest + i · step. */
  readonly values: Float64Array;
  private readonly lowest: number;
  private readonly perStep: number;

  constructor(lowest: number, step: number, count: number) {
    this.values = Float64Array.from({ length: count }, (_, i) => lowest + i * step);
    this.lowest = lowest;
    this.perStep = 1 / step;
  }

  /** How many thresholds are < score. */
  countBelow(score: number): number {
    const { values } = this;
    // The spacing says where the score belongs up to rounding; the thresholds themselves decide.
    let count = this.guess(score);
    while (count > 0 && values[count - 1] >= score) count--;
    while (count < values.length && values[count] < score) count++;
    return count;
  }

  /** How many thresholds are ≤ score. */
  countUpTo(score: number): number {
    const { values } = this;
    let count = this.guess(score);
    while (count > 0 && values[count - 1] > score) count--;
    while (count < values.length && values[count] <= score) count++;
    return count;
  }

  private guess(score: number): number {
    const count = Math.ceil((score - this.lowest) * this.perStep);
    if (count > 0) return Math.min(count, this.values.length);
    // Not a number where all thresholds are one: then a score reaches either none of them or all.
    return count <= 0 || score < this.lowest ? 0 : this.values.length;
  }
}
