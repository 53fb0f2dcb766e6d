import { squaredDistanceWithin } from './squared-distance.js';

/** For every query the `k` nearest of the bank rows offered so far, ascending by (distance, index). */
export class NeighbourLists {
  /** [Q, k] */
  readonly indices: Uint32Array;
  /** [Q, k], ∞ where too few rows were offered. */
  readonly squaredDistances: Float64Array;

  /**
   * @param queries - [Q, dimension], row-major.
   * @param bank - [M, dimension], row-major.
   */
  constructor(
    private readonly queries: Float32Array,
    private readonly bank: Float32Array,
    private readonly dimension: number,
    private readonly k: number,
  ) {
    const count = (queries.length / dimension) * k;
    this.indices = new Uint32Array(count);
    this.squaredDistances = new Float64Array(count).fill(Infinity);
  }

  /** No row farther than this, squared, can enter the query's list. */
  limit(query: number): number {
    return this.squaredDistances[(query + 1) * this.k - 1];
  }

  /** Takes a bank row into the query's list where it belongs. A row must not be offered twice to one query. */
  offer(query: number, row: number): void {
    const { queries, bank, dimension, indices, squaredDistances, k } = this;
    const start = query * k;
    let place = start + k - 1;
    const squaredDistance = squaredDistanceWithin(
      queries,
      query * dimension,
      bank,
      row * dimension,
      dimension,
      squaredDistances[place],
    );
    const isBehind = (other: number) =>
      squaredDistance > squaredDistances[other] ||
      (squaredDistance === squaredDistances[other] && row > indices[other]);
    if (isBehind(place)) return;
    for (; place > start && !isBehind(place - 1); place--) {
      indices[place] = indices[place - 1];
      squaredDistances[place] = squaredDistances[place - 1];
    }
    indices[place] = row;
    squaredDistances[place] = squaredDistance;
  }
}
