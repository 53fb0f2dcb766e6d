import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError } from '../errors.js';
import { createRng, type Rng } from './index.js';

/** Mean and variance of n draws. */
function moments(n: number, draw: () => number): { mean: number; variance: number } {
  const values = Array.from({ length: n }, draw);
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n };
}

/** Draws of every kind, to compare streams by. */
function fingerprint(rng: Rng): unknown[] {
  return [
    rng.uniform(),
    rng.normal(),
    rng.integer(0, 1e9),
    rng.gamma(2),
    rng.gamma(0.5),
    rng.boolean(),
    [...rng.permutation(9)],
  ];
}

describe('the same seed', () => {
  test('gives the same numbers, and another seed others', () => {
    expect(fingerprint(createRng(7))).toEqual(fingerprint(createRng(7)));
    expect(createRng(7).uniform()).not.toBe(createRng(8).uniform());
    expect(createRng(7).uniform()).not.toBe(createRng('7').uniform());
    expect(createRng(0.5).uniform()).not.toBe(createRng(0).uniform());
  });

  test('gives these numbers for ever: stored fixtures depend on them', () => {
    const rng = createRng(1);
    expect([
      rng.uniform(),
      rng.normal(),
      rng.normal(),
      rng.integer(0, 1000),
      rng.gamma(2),
      rng.gamma(0.5),
    ]).toEqual([
      0.5013898984473378, -0.724753843538073, 0.1684514161661524, 523, 1.975114442239072, 0.8364794347416526,
    ]);
    expect([...rng.permutation(8)]).toEqual([0, 1, 5, 2, 4, 6, 7, 3]);
    expect(rng.fork('synth', 3).uniform()).toBe(0.8146198225537722);
  });
});

describe('uniform', () => {
  test('stays in [low, high), with the mean and variance of that interval', () => {
    const rng = createRng('uniform');
    const { mean, variance } = moments(20_000, () => {
      const value = rng.uniform(-3, 5);
      expect(value >= -3 && value < 5).toBe(true);
      return value;
    });
    expect(Math.abs(mean - 1)).toBeLessThan(0.1); // standard error 0.016
    expect(Math.abs(variance - 64 / 12)).toBeLessThan(0.2);
  });

  test('fills all 53 bits', () => {
    const rng = createRng(3);
    let ones = 0n;
    let zeros = 0n;
    for (let i = 0; i < 200; i++) {
      const bits = BigInt(rng.uniform() * 2 ** 53);
      ones |= bits;
      zeros |= ~bits & (2n ** 53n - 1n);
    }
    expect(ones).toBe(2n ** 53n - 1n);
    expect(zeros).toBe(2n ** 53n - 1n);
  });

  test('never reaches high, even where rounding would', () => {
    const rng = createRng(4);
    const high = 1 + 2 ** -52;
    for (let i = 0; i < 100; i++) expect(rng.uniform(1, high)).toBe(1);
    expect(rng.uniform(2, 2)).toBe(2);
  });
});

describe('normal', () => {
  test('has the moments of a Gaussian', () => {
    const rng = createRng('normal');
    const values = Array.from({ length: 40_000 }, () => rng.normal(2, 3));
    const power = (exponent: number): number =>
      values.reduce((sum, value) => sum + ((value - 2) / 3) ** exponent, 0) / values.length;
    expect(Math.abs(power(1))).toBeLessThan(0.025); // standard error 0.005
    expect(Math.abs(power(2) - 1)).toBeLessThan(0.04);
    expect(Math.abs(power(3))).toBeLessThan(0.1);
    expect(Math.abs(power(4) - 3)).toBeLessThan(0.25);
    const within = values.filter((value) => Math.abs(value - 2) < 3).length / values.length;
    expect(Math.abs(within - 0.6827)).toBeLessThan(0.012);
  });

  test('uses both numbers of a Box–Muller pair, the cosine first', () => {
    const uniforms = createRng(5);
    const radius = Math.sqrt(-2 * Math.log(uniforms.uniform() + 2 ** -53));
    const angle = 2 * Math.PI * uniforms.uniform();
    const rng = createRng(5);
    expect(rng.normal()).toBeCloseTo(radius * Math.cos(angle), 12);
    expect(rng.normal()).toBeCloseTo(radius * Math.sin(angle), 12);
    expect(rng.uniform()).toBe(uniforms.uniform());
  });

  test('with sd 0 is the mean', () => {
    expect(createRng(1).normal(4, 0)).toBe(4);
  });
});

describe('integer', () => {
  test('draws every number of a range equally often', () => {
    const rng = createRng('integer');
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 14_000; i++) counts[rng.integer(-3, 4) + 3]++;
    const chiSquared = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    expect(chiSquared).toBeLessThan(22.5); // 6 degrees of freedom, one in a thousand
  });

  test('has no bias where a range does not divide 2^53', () => {
    const rng = createRng('bias');
    const range = 3 * 2 ** 51; // plain remainders would fall into the first third twice as often
    let first = 0;
    for (let i = 0; i < 3000; i++) if (rng.integer(0, range) < range / 3) first++;
    expect(Math.abs(first - 1000)).toBeLessThan(130); // standard deviation 26
  });

  test('works at the ends of the safe integers', () => {
    const rng = createRng(2);
    expect(rng.integer(Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER)).toBe(
      Number.MAX_SAFE_INTEGER - 1,
    );
    expect(rng.integer(5, 6)).toBe(5);
  });
});

describe('gamma', () => {
  test.each([0.3, 1, 2, 4.5])('of shape %d has mean shape·scale and variance shape·scale²', (shape) => {
    const rng = createRng('gamma').fork(shape);
    const { mean, variance } = moments(30_000, () => rng.gamma(shape, 2));
    expect(Math.abs(mean / (2 * shape) - 1)).toBeLessThan(0.06);
    expect(Math.abs(variance / (4 * shape) - 1)).toBeLessThan(0.15);
  });

  test('of shape 2 is −scale·ln(u1·u2)', () => {
    const uniforms = createRng(6);
    const expected = -3 * Math.log((uniforms.uniform() + 2 ** -53) * (uniforms.uniform() + 2 ** -53));
    expect(createRng(6).gamma(2, 3)).toBeCloseTo(expected, 12);
  });

  test('of shape 1 is exponential', () => {
    const rng = createRng('exponential');
    let above = 0;
    for (let i = 0; i < 20_000; i++) if (rng.gamma(1) > Math.LN2) above++;
    expect(Math.abs(above / 20_000 - 0.5)).toBeLessThan(0.02);
  });
});

test('boolean is true with probability p', () => {
  const rng = createRng('boolean');
  let count = 0;
  for (let i = 0; i < 10_000; i++) if (rng.boolean(0.2)) count++;
  expect(Math.abs(count - 2000)).toBeLessThan(200); // standard deviation 40
  expect(rng.boolean(0)).toBe(false);
  expect(rng.boolean(1)).toBe(true);
});

describe('shuffle, permutation and sample', () => {
  test('shuffle keeps the items and leaves the argument alone', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        const before = items.slice();
        const shuffled = createRng(seed).shuffle(items);
        expect(items).toEqual(before);
        expect(shuffled.sort()).toEqual(before.sort());
      }),
      { seed: 20 },
    );
  });

  test('all 24 orders of four items are equally likely', () => {
    const rng = createRng('orders');
    const counts = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const order = rng.shuffle(['a', 'b', 'c', 'd']).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0);
    expect(counts.size).toBe(24);
    expect(chiSquared).toBeLessThan(50); // 23 degrees of freedom, one in a thousand
  });

  test('permutation holds every number once', () => {
    expect([...createRng(1).permutation(1000)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1000 }, (_, i) => i),
    );
    expect(createRng(1).permutation(0)).toHaveLength(0);
  });

  test('sample draws different numbers below n', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), fc.nat(50), fc.integer(), (n, m, seed) => {
        const sample = createRng(seed).sample(n + 50, m);
        expect(new Set(sample).size).toBe(m);
        expect(sample.every((item) => item < n + 50)).toBe(true);
      }),
      { seed: 21 },
    );
  });

  test('a small sample is the start of the full shuffle, though it is drawn without the whole list', () => {
    const whole = createRng('sample').permutation(1000);
    for (const m of [1, 10, 60, 63, 500]) {
      expect([...createRng('sample').sample(1000, m)]).toEqual([...whole.slice(0, m)]);
    }
  });

  test('every number is equally likely at every place of a sample', () => {
    const rng = createRng('places');
    const counts = Array.from({ length: 2 }, () => new Array<number>(40).fill(0));
    for (let i = 0; i < 8000; i++) {
      const [first, second] = rng.sample(40, 2);
      counts[0][first]++;
      counts[1][second]++;
    }
    for (const place of [0, 1]) {
      const chiSquared = counts[place].reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0);
      expect(chiSquared).toBeLessThan(73); // 39 degrees of freedom, one in a thousand
    }
  });
});

describe('fork', () => {
  test('depends on the seed and the keys, not on what was drawn before', () => {
    const fresh = createRng(1).fork('sample', 7);
    const used = createRng(1);
    used.normal();
    used.permutation(100);
    expect(fingerprint(used.fork('sample', 7))).toEqual(fingerprint(fresh));
  });

  test('leaves the parent where it was', () => {
    const [a, b] = [createRng(1), createRng(1)];
    a.fork('x').uniform();
    expect(a.uniform()).toBe(b.uniform());
  });

  test('gives another stream for every key, level and parent', () => {
    const root = createRng(1);
    const streams = [
      root,
      root.fork(),
      root.fork(0),
      root.fork('0'),
      root.fork(0, 0),
      root.fork(0).fork(0),
      root.fork('ab'),
      root.fork('a', 'b'),
      createRng(2).fork(0),
    ];
    expect(new Set(streams.map((rng) => rng.uniform())).size).toBe(streams.length);
  });

  test('neighbouring streams are not correlated', () => {
    const root = createRng('correlation');
    let sum = 0;
    for (let i = 0; i < 5000; i++)
      sum += (root.fork(i).uniform() - 0.5) * (root.fork(i + 1).uniform() - 0.5) * 12;
    expect(Math.abs(sum / 5000)).toBeLessThan(0.07); // standard error 0.014
  });
});

test.each<[string, (rng: Rng) => unknown]>([
  ['uniform with low above high', (rng) => rng.uniform(1, 0)],
  ['uniform with NaN', (rng) => rng.uniform(Number.NaN, 1)],
  ['uniform over an infinite range', (rng) => rng.uniform(0, Number.POSITIVE_INFINITY)],
  ['uniform over a range that overflows', (rng) => rng.uniform(-1e308, 1e308)],
  ['normal with a negative sd', (rng) => rng.normal(0, -1)],
  ['normal with a NaN mean', (rng) => rng.normal(Number.NaN)],
  ['integer of an empty range', (rng) => rng.integer(3, 3)],
  ['integer with a fraction', (rng) => rng.integer(0, 2.5)],
  [
    'integer over more than 2^53 numbers',
    (rng) => rng.integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  ],
  ['gamma of shape 0', (rng) => rng.gamma(0)],
  ['gamma of a negative scale', (rng) => rng.gamma(1, -1)],
  ['boolean with p above 1', (rng) => rng.boolean(1.5)],
  ['boolean with NaN', (rng) => rng.boolean(Number.NaN)],
  ['a sample larger than its set', (rng) => rng.sample(3, 4)],
  ['a sample of a negative number', (rng) => rng.sample(3, -1)],
  ['a permutation of a fraction', (rng) => rng.permutation(1.5)],
  ['a NaN key', (rng) => rng.fork('a', Number.NaN)],
])('%s is refused', (_, draw) => {
  expect(() => draw(createRng(1))).toThrow(ArgumentError);
});

test('a NaN seed is refused with the way out', () => {
  expect(() => createRng(Number.NaN)).toThrow(
    'createRng: expected a string or a finite number as seed or key, got NaN',
  );
});
