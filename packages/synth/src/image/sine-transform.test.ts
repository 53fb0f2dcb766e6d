import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { createDense, createFourier } from './sine-transform.js';

const lengths = [1, 2, 3, 4, 6, 7, 15, 16, 30, 61, 62, 128];

test.each(lengths)('both ways of transforming lines of %d values equal the defining sum', (length) => {
  const rng = createRng(length);
  for (const lines of [1, 2, 3, 4, 5]) {
    const data = Float64Array.from({ length: lines * length }, () => rng.normal());
    const expected = Float64Array.from(data, (_, at) => {
      const k = (at % length) + 1;
      let sum = 0;
      for (let j = 1; j <= length; j++) {
        sum += data[at - (at % length) + j - 1] * Math.sin((Math.PI * j * k) / (length + 1));
      }
      return sum;
    });
    for (const create of [createDense, createFourier]) {
      const transformed = data.slice();
      create(length)(transformed, lines);
      for (let i = 0; i < data.length; i++) expect(transformed[i]).toBeCloseTo(expected[i], 10);
    }
  }
});
