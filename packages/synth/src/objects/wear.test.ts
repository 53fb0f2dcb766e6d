import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { gasket } from './models/gasket.js';
import { rasterise } from './relief.js';
import { wearPart } from './wear.js';

const relief = rasterise(gasket(createRng(1)), 0.0006);

/** Mean of a channel over the object. */
function mean(colours: Float32Array, channel: number): number {
  let [sum, count] = [0, 0];
  relief.heights.forEach((height, node) => {
    if (height <= 0) return;
    sum += colours[3 * node + channel];
    count++;
  });
  return sum / count;
}

test('without tone and wear a part is what it was', () => {
  expect(wearPart(relief, createRng(2), { tone: 0, wear: 0 })).toBe(relief);
});

test('tone makes parts brighter or darker within its bounds, and leaves shapes alone', () => {
  const factors = Array.from({ length: 30 }, (_, seed) => {
    const part = wearPart(relief, createRng(seed), { tone: 0.09, wear: 0 });
    expect(part.heights).toBe(relief.heights);
    return mean(part.colours, 1) / mean(relief.colours, 1);
  });
  expect(Math.max(...factors)).toBeLessThanOrEqual(1.09 * 1.03 + 1e-6);
  expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.91 * 0.97 - 1e-6);
  expect(Math.max(...factors) - Math.min(...factors)).toBeGreaterThan(0.1);
});

test('wear marks places and keeps the mean', () => {
  const part = wearPart(relief, createRng(3), { tone: 0, wear: 0.1 });
  expect(mean(part.colours, 0) / mean(relief.colours, 0)).toBeCloseTo(1, 1);
  const ratios = [...relief.heights.keys()]
    .filter((node) => relief.heights[node] > 0)
    .map((node) => part.colours[3 * node] / relief.colours[3 * node]);
  expect(Math.max(...ratios)).toBeGreaterThan(1.03);
  expect(Math.min(...ratios)).toBeLessThan(0.85);
});
