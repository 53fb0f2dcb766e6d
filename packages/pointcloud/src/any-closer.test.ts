import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyCloser } from './any-closer.js';

const runs = fc.record({
  seed: fc.integer(),
  a: fc.integer({ min: 1, max: 80 }),
  b: fc.integer({ min: 1, max: 80 }),
  gap: fc.constantFrom(0, 0.5, 1, 2),
  lattice: fc.boolean(),
});

test('equals comparing all pairs, just below and just above the smallest distance', () => {
  fc.assert(
    fc.property(runs, ({ seed, a, b, gap, lattice }) => {
      const rng = createRng(seed);
      const points = Float64Array.from({ length: 3 * (a + b) }, (_, i) => {
        const value = lattice ? rng.integer(0, 4) / 4 : rng.uniform();
        return i % 3 === 2 && i >= 3 * a ? value + gap : value;
      });
      let smallest = Infinity;
      for (let i = 0; i < a; i++) {
        for (let j = a; j < a + b; j++) {
          const [dx, dy, dz] = [0, 1, 2].map((axis) => points[3 * i + axis] - points[3 * j + axis]);
          smallest = Math.min(smallest, dx * dx + dy * dy + dz * dz);
        }
      }
      expect(anyCloser(points.slice(), 0, a, a, a + b, smallest)).toBe(false); // strictly closer
      expect(anyCloser(points.slice(), 0, a, a, a + b, smallest + 1e-12)).toBe(true);
      expect(anyCloser(points.slice(), a, a + b, 0, a, smallest + 1e-12)).toBe(true);
    }),
    { seed: 10, numRuns: 200 },
  );
});

test('only moves points within their run', () => {
  const rng = createRng(11);
  const points = Float64Array.from({ length: 3 * 100 }, () => rng.uniform());
  const triples = (start: number, end: number) =>
    Array.from({ length: end - start }, (_, i) =>
      points.slice(3 * (start + i), 3 * (start + i) + 3).join(),
    ).sort();
  const before = [triples(0, 60), triples(60, 100)];
  anyCloser(points, 0, 60, 60, 100, 1e-9);
  expect([triples(0, 60), triples(60, 100)]).toEqual(before);
});
