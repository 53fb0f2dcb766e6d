import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { smallestEigenvectorClosedForm, smallestEigenvectorJacobi } from './eigen.js';
import { rotationXyz } from './rotations.js';

const solvers = { closedForm: smallestEigenvectorClosedForm, jacobi: smallestEigenvectorJacobi };

function solve(solver: keyof typeof solvers, upper: readonly number[]): number[] {
  const out = new Float64Array(3);
  solvers[solver](Float64Array.from(upper), out);
  return [...out];
}

/** R diag(e) Rᵀ, whose eigenvectors are the columns of R. */
function withEigenvalues(r: ArrayLike<number>, e: readonly number[]): number[] {
  const entry = (i: number, j: number) =>
    [0, 1, 2].reduce((sum, k) => sum + r[3 * i + k] * e[k] * r[3 * j + k], 0);
  return [entry(0, 0), entry(0, 1), entry(0, 2), entry(1, 1), entry(1, 2), entry(2, 2)];
}

describe.each(['closedForm', 'jacobi'] as const)('%s', (solver) => {
  test('finds the direction of the smallest eigenvalue at every scale', () => {
    const angle = fc.double({ min: -3, max: 3, noNaN: true });
    const size = fc.double({ min: 0.05, max: 1, noNaN: true });
    const scale = fc.constantFrom(1e-12, 1, 1e6);
    fc.assert(
      fc.property(angle, angle, angle, size, size, scale, (a, b, c, middle, largest, s) => {
        const r = rotationXyz(a, b, c);
        const found = solve(
          solver,
          withEigenvalues(r, [0.02 * s, (0.02 + middle) * s, (0.02 + largest) * s]),
        );
        const cosine = found[0] * r[0] + found[1] * r[3] + found[2] * r[6];
        expect(Math.abs(cosine)).toBeCloseTo(1, 9);
        expect(Math.hypot(...found)).toBeCloseTo(1, 12);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  test('gives (0, 0, 1) for the zero matrix and for the identity', () => {
    expect(solve(solver, [0, 0, 0, 0, 0, 0])).toEqual([0, 0, 1]);
    expect(solve(solver, [2, 0, 0, 2, 0, 2])).toEqual([0, 0, 1]);
  });

  test('gives the axis of the smallest entry of a diagonal matrix', () => {
    expect(solve(solver, [1, 0, 0, 2, 0, 3])).toEqual([1, 0, 0]);
    expect(solve(solver, [2, 0, 0, 1, 0, 3])).toEqual([0, 1, 0]);
    expect(solve(solver, [2, 0, 0, 3, 0, 1])).toEqual([0, 0, 1]);
  });

  test('gives a unit vector orthogonal to the points of a line', () => {
    fc.assert(
      fc.property(fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: -9, max: 9 }))), ([x, y, z]) => {
        fc.pre(x !== 0 && y !== 0 && z !== 0);
        const found = solve(solver, [x * x, x * y, x * z, y * y, y * z, z * z]);
        expect(found[0] * x + found[1] * y + found[2] * z).toBeCloseTo(0, 6);
        expect(Math.hypot(...found)).toBeCloseTo(1, 9);
      }),
      { seed: 3 },
    );
  });
});

test('jacobi makes the largest component positive', () => {
  const [x, y, z] = solve('jacobi', withEigenvalues(rotationXyz(0.3, -2, 0.4), [1, 5, 9]));
  expect(Math.max(Math.abs(x), Math.abs(y), Math.abs(z))).toBe(Math.max(x, y, z));
});

test('jacobi stays accurate where the two smaller eigenvalues nearly coincide', () => {
  const r = rotationXyz(0.5, 0.6, 0.7);
  const found = solve('jacobi', withEigenvalues(r, [1e-3, 1.0001e-3, 1]));
  expect(Math.abs(found[0] * r[0] + found[1] * r[3] + found[2] * r[6])).toBeCloseTo(1, 9);
});

// [[2, 1, 0], [1, 2, 0], [0, 0, 9]] by hand: eigenvalues 1, 3, 9. Divided by 9: q = 13/27, det B < 0 or > 0 decides.
test('the closed form has the sign of the cross products it is made of', () => {
  // Smallest well separated (1, 8, 9): rows of A − I are (r0, r1, r2) with r0 × r1 = 0, r0 × r2 the longest.
  // A = [[4.5, 3.5, 0], [3.5, 4.5, 0], [0, 0, 9]]: r0 × r2 = (3.5·8, −3.5·8, 0), so (1, −1, 0)/√2.
  const separated = solve('closedForm', [4.5, 3.5, 0, 4.5, 0, 9]);
  expect(separated[0]).toBeCloseTo(Math.SQRT1_2, 12);
  expect(separated[1]).toBeCloseTo(-Math.SQRT1_2, 12);

  // Largest well separated (1, 3, 9), A = [[2, 1, 0], [1, 2, 0], [0, 0, 9]]: A − 9I has r0 × r1 = (0, 0, 48), so
  // v = (0, 0, 1); U = (0, 1, 0), W = v × U = (−1, 0, 0); m00 = m11 = 2 − 3 = −1, m01 = −1; t = 1,
  // u = (U − W)/√2 = (1, 1, 0)/√2 and u × v = (1, −1, 0)/√2.
  const crossed = solve('closedForm', [2, 1, 0, 2, 0, 9]);
  expect(crossed[0]).toBeCloseTo(Math.SQRT1_2, 12);
  expect(crossed[1]).toBeCloseTo(-Math.SQRT1_2, 12);
});
