import { ArgumentError, ShapeError } from '@anomclip/core';

/** The number of rows of a row-major matrix. @throws {@link ShapeError} when the last row is not whole. */
export function countRows(where: string, name: string, rows: Float32Array, dimension: number): number {
  assertInteger(where, 'dimension', dimension, 1, Infinity);
  if (rows.length % dimension === 0) return rows.length / dimension;
  throw new ShapeError(where, `${name} as [N, ${dimension}], flattened`, [rows.length]);
}

/** The rows of the given indices, in their order, as a copy. */
export function takeRows(rows: Float32Array, dimension: number, indices: Uint32Array): Float32Array {
  const taken = new Float32Array(indices.length * dimension);
  indices.forEach((row, i) => {
    taken.set(rows.subarray(row * dimension, (row + 1) * dimension), i * dimension);
  });
  return taken;
}

export function assertInteger(where: string, name: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  const range = high === Infinity ? `at least ${low}` : `in ${low}…${high}`;
  throw new ArgumentError(where, `${name} to be an integer ${range}`, value);
}

export function assertFinite(where: string, name: string, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i] - values[i] !== 0) {
      throw new ArgumentError(where, `${name} to be finite`, values[i], `look at entry ${i}`);
    }
  }
}
