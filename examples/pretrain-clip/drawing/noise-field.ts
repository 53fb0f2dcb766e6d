import { createRng, type Rng } from '@anomclip/core/random';

/**
 * Smooth noise of standard deviation near 1 over a grid: random numbers at the corners of cells, smoothly joined.
 * It wraps around at its edges, so no seam can be taken for a crack.
 *
 * @param cells - Per width of the grid.
 */
export function noiseField(rng: Rng, rows: number, columns: number, cells: number): Float32Array {
  const [down, across] = [Math.max(2, Math.round((cells * rows) / columns)), cells];
  const start = rng.integer(0, NORMAL_COUNT);
  const normals = normalTable();
  const corner = (i: number, j: number) => normals[(start + i * across + j) & (NORMAL_COUNT - 1)];
  const [lefts, shares] = taps(columns, across);
  const [tops, depths] = taps(rows, down);
  const field = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const [top, bottom, y] = [tops[row], (tops[row] + 1) % down, depths[row]];
    for (let column = 0; column < columns; column++) {
      const left = lefts[column];
      const right = left + 1 === across ? 0 : left + 1;
      const x = shares[column];
      const above = corner(top, left) * (1 - x) + corner(top, right) * x;
      const below = corner(bottom, left) * (1 - x) + corner(bottom, right) * x;
      field[row * columns + column] = 1.4 * (above * (1 - y) + below * y);
    }
  }
  return field;
}

/** Independent normal numbers, `offset` apart: the same table every time, which is much faster than drawing them. */
export function normalNumbers(rng: Rng): () => number {
  const normals = normalTable();
  const stride = 2 * rng.integer(1, 2000) + 1;
  let place = rng.integer(0, NORMAL_COUNT);
  return () => {
    place = (place + stride) & (NORMAL_COUNT - 1);
    return normals[place];
  };
}

const NORMAL_COUNT = 1 << 18;
let normals: Float32Array | undefined;

function normalTable(): Float32Array {
  if (normals) return normals;
  const rng = createRng('pretrain-clip: normal numbers');
  normals = Float32Array.from({ length: NORMAL_COUNT }, () => rng.normal());
  return normals;
}

/** For every sample the cell that it lies in, and how far: smoothstep of the place within the cell. */
function taps(samples: number, cells: number): [Int32Array, Float32Array] {
  const lefts = new Int32Array(samples);
  const shares = new Float32Array(samples);
  for (let i = 0; i < samples; i++) {
    const place = (i * cells) / samples;
    lefts[i] = Math.floor(place);
    const t = place - lefts[i];
    shares[i] = t * t * (3 - 2 * t);
  }
  return [lefts, shares];
}
