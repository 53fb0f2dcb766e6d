import { ArgumentError, ShapeError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import { cosSinOfTurns, type Rng } from '@anomclip/core/random';
import ndarray, { type NdArray } from 'ndarray';

/**
 * Perlin's gradient noise over an image, times √2: about [−1, 1], 0 at the lattice nodes.
 *
 * @param angles - [rows + 1, columns + 1] radians: directions of the gradients at the nodes of a lattice of
 *   rows × columns cells, cosine down and sine to the right.
 * @returns [height, width]
 * @throws {@link ShapeError} for a lattice without a cell, {@link ArgumentError} for a size that is not a whole number ≥ 1
 *   or an angle that is not finite.
 */
export function perlinNoise(
  height: number,
  width: number,
  angles: NdArray<Float32Array> | NdArray<Float64Array>,
): NdArray<Float64Array> {
  const { shape } = angles;
  if (shape.length !== 2 || shape[0] < 2 || shape[1] < 2) {
    throw new ShapeError('perlinNoise', 'angles [rows + 1, columns + 1] of at least one cell', shape);
  }
  const turns = Float64Array.from(contiguous<Float32Array | Float64Array>(angles), (angle) => {
    if (!Number.isFinite(angle)) throw new ArgumentError('perlinNoise', 'finite angles', angle);
    const turn = angle / (2 * Math.PI);
    return turn - Math.floor(turn);
  });
  return noiseOfTurns(height, width, shape[0] - 1, shape[1] - 1, turns);
}

/**
 * Perlin noise with `rows` × `columns` cells whose angles are drawn row by row.
 *
 * @returns [height, width]
 * @throws {@link ArgumentError} unless all four are whole numbers ≥ 1.
 */
export function drawPerlinNoise(
  height: number,
  width: number,
  rows: number,
  columns: number,
  rng: Rng,
): NdArray<Float64Array> {
  for (const count of [rows, columns]) {
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new ArgumentError('drawPerlinNoise', 'rows and columns, whole numbers ≥ 1', count);
    }
  }
  const turns = Float64Array.from({ length: (rows + 1) * (columns + 1) }, () => rng.uniform());
  return noiseOfTurns(height, width, rows, columns, turns);
}

function noiseOfTurns(
  height: number,
  width: number,
  rows: number,
  columns: number,
  turns: Float64Array,
): NdArray<Float64Array> {
  for (const side of [height, width]) {
    if (!Number.isSafeInteger(side) || side < 1) {
      throw new ArgumentError(
        'perlinNoise',
        'a height and a width, whole numbers ≥ 1',
        `${height} × ${width}`,
      );
    }
  }
  const down = new Float64Array(turns.length);
  const right = new Float64Array(turns.length);
  for (let node = 0; node < turns.length; node++) [down[node], right[node]] = cosSinOfTurns(turns[node] % 1);
  const across = Array.from({ length: columns }, (_, cell) => cellRange(cell, columns, width));
  const v = Float64Array.from({ length: width }, (_, j) => ((j * columns) / width) % 1);
  const faded = v.map(fade);

  const noise = new Float64Array(height * width);
  for (let i = 0; i < height; i++) {
    const y = (i * rows) / height;
    const row = Math.floor(y);
    const u = y - row;
    const fadedU = fade(u);
    for (let cell = 0; cell < columns; cell++) {
      const above = row * (columns + 1) + cell;
      const below = above + columns + 1;
      // Along the rows first. Each corner's product is linear in v, so the mixture of two is, too.
      const left = mix(down[above] * u, down[below] * (u - 1), fadedU);
      const leftSlope = mix(right[above], right[below], fadedU);
      const far = mix(down[above + 1] * u, down[below + 1] * (u - 1), fadedU);
      const farSlope = mix(right[above + 1], right[below + 1], fadedU);
      const [start, end] = across[cell];
      for (let j = start; j < end; j++) {
        const near = left + leftSlope * v[j];
        noise[i * width + j] = Math.SQRT2 * (near + faded[j] * (far + farSlope * (v[j] - 1) - near));
      }
    }
  }
  return ndarray(noise, [height, width]);
}

/** First pixel of a cell and of the next one. */
function cellRange(cell: number, cells: number, pixels: number): [start: number, end: number] {
  return [Math.ceil((cell * pixels) / cells), Math.ceil(((cell + 1) * pixels) / cells)];
}

function fade(t: number): number {
  return t * t * t * (t * (6 * t - 15) + 10);
}

function mix(a: number, b: number, t: number): number {
  return a + t * (b - a);
}
