import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { discMedian } from './disc-median.js';

test('equals the middle of the sorted values of every disc, border pixels repeated', () => {
  const [height, width, radius] = [19, 14, 5];
  const rng = createRng('disc');
  for (const values of [
    Uint16Array.from({ length: height * width }, () => rng.integer(0, 766)),
    Uint16Array.from({ length: height * width }, () => (rng.boolean(0.4) ? rng.integer(0, 766) : 0)),
  ]) {
    const expected = Array.from(values, (_, pixel) => {
      const disc: number[] = [];
      for (let i = -radius; i <= radius; i++) {
        for (let j = -radius; j <= radius; j++) {
          if (i * i + j * j > radius * radius) continue;
          const row = Math.min(Math.max(Math.floor(pixel / width) + i, 0), height - 1);
          const column = Math.min(Math.max((pixel % width) + j, 0), width - 1);
          disc.push(values[row * width + column]);
        }
      }
      return disc.sort((a, b) => a - b)[disc.length >> 1];
    });
    expect([...discMedian(values, height, width, radius)]).toEqual(expected);
  }
});
