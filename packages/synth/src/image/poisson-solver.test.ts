import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { solvePoisson } from './poisson-solver.js';

test.each([
  [1, 1],
  [1, 7],
  [9, 2],
  [10, 10],
  [30, 45],
  [20, 203],
])('the solution of %d × %d unknowns has the wanted Laplacian, for each of three fields', (lines, length) => {
  const rng = createRng('poisson');
  const q = Float64Array.from({ length: 3 * lines * length }, () => rng.normal(0, 50));
  const u = q.slice();
  solvePoisson(u, 3, lines, length);
  const at = (field: number, i: number, j: number) =>
    i < 0 || j < 0 || i === lines || j === length ? 0 : u[(field * lines + i) * length + j];
  for (let field = 0; field < 3; field++) {
    for (let i = 0; i < lines; i++) {
      for (let j = 0; j < length; j++) {
        const around = at(field, i - 1, j) + at(field, i + 1, j) + at(field, i, j - 1) + at(field, i, j + 1);
        expect(around - 4 * at(field, i, j)).toBeCloseTo(q[(field * lines + i) * length + j], 8);
      }
    }
  }
});
