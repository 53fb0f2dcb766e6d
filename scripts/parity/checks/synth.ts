import { contiguous, type Mask } from '@anomclip/core/image';
import { perlinNoise, poissonBlend } from '@anomclip/synth/image';
import ndarray from 'ndarray';
import { type Golden, largestError } from '../golden.js';
import type { Compare } from '../parity.js';

/** Perlin noise for given lattice angles; the names of both arrays end in the number of cells. */
export function checkPerlin(golden: Golden, compare: Compare): void {
  for (const name of golden.names.filter((name) => name.startsWith('noise_'))) {
    const lattice = name.replace('noise_', 'angles_');
    const [height, width] = golden.shape(name);
    const angles = ndarray(golden.values(lattice), [...golden.shape(lattice)]);
    compare(name, largestError(contiguous(perlinNoise(height, width, angles)), golden.values(name)), 1e-9);
  }
}

/** OpenCV's seamlessClone: mean error in grey levels. */
export function checkPoisson(golden: Golden, compare: Compare): void {
  const [destination, source, mask] = ['input.dst', 'input.src', 'input.mask'].map((name) =>
    golden.uint8(name),
  );
  const [x, y] = JSON.parse(golden.setting('centre_xy') ?? '[]') as number[];
  for (const mode of ['normal', 'mixed'] as const) {
    const expected = golden.values(`seamless_${mode}`);
    const blended = contiguous(poissonBlend(destination, source, mask, { mode, ...cornerOf(mask, x, y) }));
    const total = expected.reduce((sum, value, i) => sum + Math.abs(value - blended[i]), 0);
    compare(`seamless_${mode}, mean grey levels`, total / expected.length, 1.5);
  }
}

/** Where the source goes: OpenCV puts the middle of the mask's bounding box, without its outermost pixels, on the centre. */
function cornerOf(mask: Mask, x: number, y: number): { row: number; column: number } {
  const [height, width] = mask.shape;
  const rows: number[] = [];
  const columns: number[] = [];
  for (let i = 1; i < height - 1; i++) {
    for (let j = 1; j < width - 1; j++) {
      if (mask.get(i, j) === 0) continue;
      rows.push(i);
      columns.push(j);
    }
  }
  const start = (places: number[], centre: number) => {
    const first = places.reduce((a, b) => Math.min(a, b));
    const last = places.reduce((a, b) => Math.max(a, b));
    return centre - ((last - first + 1) >> 1) - first;
  };
  return { row: start(rows, y), column: start(columns, x) };
}
