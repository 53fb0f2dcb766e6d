import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { ArgumentError } from '../errors.js';
import { cosSinOfTurns, exp, ln } from './elementary.js';
import { type Hash128, hash128 } from './hash.js';

/** A stream of random numbers. The same seed and the same calls give the same numbers on every platform. */
export interface Rng {
  /** A real number in [low, high), with 53 random bits. `low` itself when both are equal. @defaultValue [0, 1) */
  uniform(low?: number, high?: number): number;
  /** A Gaussian number; `sd` ≥ 0. Box–Muller: two calls use one pair of uniforms. @defaultValue mean 0, sd 1 */
  normal(mean?: number, sd?: number): number;
  /** A whole number in [low, high), each equally likely. */
  integer(low: number, high: number): number;
  /** A Gamma number with mean `shape·scale`; both > 0. @defaultValue scale 1 */
  gamma(shape: number, scale?: number): number;
  /** True with probability `p`. @defaultValue 0.5 */
  boolean(p?: number): boolean;
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[];
  /** The numbers 0…n−1 in random order. */
  permutation(n: number): Uint32Array;
  /** `m` different numbers of 0…n−1 in random order; time and memory O(m) when m is much less than n. */
  sample(n: number, m: number): Uint32Array;
  /**
   * A new stream of its own, named by `keys`. It depends on this stream's seed and the keys, and not on how many
   * numbers have been drawn: `rng.fork('sample', 7)` is the same before and after sample 6 was made.
   */
  fork(...keys: (string | number)[]): Rng;
}

/**
 * A stream of random numbers from a seed: xoroshiro128+, its state a 128-bit hash of the seed.
 *
 * @param seed - Any string or finite number; 7 and '7' are different seeds.
 * @throws {@link ArgumentError} when the seed is NaN or infinite. The methods throw it for bounds that are not finite
 *   or in the wrong order, negative spreads, and samples larger than their set.
 */
export function createRng(seed: number | string): Rng {
  assertKey('createRng', seed);
  return new HashedRng(hash128(undefined, [seed]));
}

class HashedRng implements Rng {
  readonly #seed: Hash128;
  readonly #generator: { next(): number };
  /** The second number of the last Box–Muller pair. */
  #spareNormal: number | undefined;

  constructor(seed: Hash128) {
    this.#seed = seed;
    this.#generator = xoroshiro128plusFromState(seed);
  }

  uniform(low = 0, high = 1): number {
    if (!(low <= high) || !Number.isFinite(high - low)) {
      throw new ArgumentError('rng.uniform', 'finite low ≤ high', `low ${low}, high ${high}`);
    }
    const value = low + (high - low) * (this.#bits53() / 2 ** 53);
    return value < high ? value : low; // rounding may reach `high`, which is excluded
  }

  normal(mean = 0, sd = 1): number {
    if (!Number.isFinite(mean)) throw new ArgumentError('rng.normal', 'a finite mean', mean);
    if (!(sd >= 0 && sd < Number.POSITIVE_INFINITY))
      throw new ArgumentError('rng.normal', 'a finite sd ≥ 0', sd);
    return mean + sd * this.#standardNormal();
  }

  integer(low: number, high: number): number {
    const count = high - low;
    if (!(Number.isSafeInteger(low) && Number.isSafeInteger(high) && count > 0 && count <= 2 ** 53)) {
      throw new ArgumentError('rng.integer', 'whole numbers low < high', `low ${low}, high ${high}`);
    }
    return low + this.#below(count);
  }

  gamma(shape: number, scale = 1): number {
    if (!(shape > 0 && shape < Number.POSITIVE_INFINITY)) {
      throw new ArgumentError('rng.gamma', 'a finite shape > 0', shape);
    }
    if (!(scale > 0 && scale < Number.POSITIVE_INFINITY)) {
      throw new ArgumentError('rng.gamma', 'a finite scale > 0', scale);
    }
    if (shape === 2) return -scale * ln(this.#aboveZero() * this.#aboveZero()); // the sum of two exponentials
    if (shape < 1) {
      // Boost: if X has shape + 1, X·U^(1/shape) has the wanted shape (Marsaglia and Tsang 2000, section 6).
      const boosted = this.#marsagliaTsang(shape + 1);
      return scale * boosted * exp(ln(this.#aboveZero()) / shape);
    }
    return scale * this.#marsagliaTsang(shape);
  }

  boolean(p = 0.5): boolean {
    if (!(p >= 0 && p <= 1)) throw new ArgumentError('rng.boolean', 'a probability in [0, 1]', p);
    return this.uniform() < p;
  }

  shuffle<T>(items: readonly T[]): T[] {
    const copy = items.slice();
    for (let last = copy.length - 1; last > 0; last--) {
      const chosen = this.#below(last + 1);
      const item = copy[last];
      copy[last] = copy[chosen];
      copy[chosen] = item;
    }
    return copy;
  }

  permutation(n: number): Uint32Array {
    return this.sample(n, n);
  }

  sample(n: number, m: number): Uint32Array {
    if (!(Number.isInteger(n) && n >= 0 && n <= 2 ** 32)) {
      throw new ArgumentError('rng.sample', 'n, a whole number in [0, 2^32]', n);
    }
    if (!(Number.isInteger(m) && m >= 0 && m <= n)) {
      throw new ArgumentError('rng.sample', `m, a whole number in [0, n = ${n}]`, m);
    }
    return m > n / 16 ? this.#sampleDense(n, m) : this.#sampleSparse(n, m);
  }

  fork(...keys: (string | number)[]): Rng {
    for (const key of keys) assertKey('rng.fork', key);
    return new HashedRng(hash128(this.#seed, keys));
  }

  /** The first m steps of a Fisher–Yates shuffle of 0…n−1. */
  #sampleDense(n: number, m: number): Uint32Array {
    const items = new Uint32Array(n);
    for (let i = 0; i < n; i++) items[i] = i;
    for (let i = 0; i < m; i++) {
      const chosen = i + this.#below(n - i);
      const item = items[i];
      items[i] = items[chosen];
      items[chosen] = item;
    }
    return m === n ? items : items.slice(0, m);
  }

  /** The same steps and the same result, remembering only the places that no longer hold their own index. */
  #sampleSparse(n: number, m: number): Uint32Array {
    const moved = new Map<number, number>();
    const chosenItems = new Uint32Array(m);
    for (let i = 0; i < m; i++) {
      const chosen = i + this.#below(n - i);
      chosenItems[i] = moved.get(chosen) ?? chosen;
      moved.set(chosen, moved.get(i) ?? i);
    }
    return chosenItems;
  }

  /** Shape ≥ 1: a squeezed rejection from a cubed Gaussian (Marsaglia and Tsang 2000, doi:10.1145/358407.358414). */
  #marsagliaTsang(shape: number): number {
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    while (true) {
      const x = this.#standardNormal();
      const root = 1 + c * x;
      if (root <= 0) continue;
      const v = root * root * root;
      if (ln(this.#aboveZero()) < 0.5 * x * x + d - d * v + d * ln(v)) return d * v;
    }
  }

  #standardNormal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * ln(this.#aboveZero()));
    const [cos, sin] = cosSinOfTurns(this.#bits53() / 2 ** 53);
    this.#spareNormal = radius * sin;
    return radius * cos;
  }

  /** A real number in (0, 1]. */
  #aboveZero(): number {
    return (this.#bits53() + 1) / 2 ** 53;
  }

  /** A whole number in [0, count), 1 ≤ count ≤ 2^53. */
  #below(count: number): number {
    // The incomplete last run of `count` numbers would favour the small remainders: draw again.
    const limit = 2 ** 53 - (2 ** 53 % count);
    while (true) {
      const bits = this.#bits53();
      if (bits < limit) return bits % count;
    }
  }

  /** The high bits of two words; the lowest ones of xoroshiro128+ are its weakest. */
  #bits53(): number {
    const high = this.#generator.next() >>> 5;
    return high * 2 ** 26 + (this.#generator.next() >>> 6);
  }
}

function assertKey(where: string, key: unknown): void {
  if (typeof key === 'string' || Number.isFinite(key)) return;
  throw new ArgumentError(where, 'a string or a finite number as seed or key', key);
}
