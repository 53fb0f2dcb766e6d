/** Rows as directions and lengths, seen from a centre. */
export interface UnitRows {
  /** [N, dimension], row-major: of length 1, or 0 where a row is the centre. */
  readonly values: Float32Array;
  /** [N] */
  readonly norms: Float64Array;
}

/**
 * Rows `first` to `end`, less the centre and of unit length: then float32 neither overflows nor loses the small
 * differences of rows that all lie far from the origin.
 */
export function unitRows(
  rows: Float32Array,
  dimension: number,
  first: number,
  end: number,
  centre: Float64Array,
): UnitRows {
  const values = new Float32Array((end - first) * dimension);
  const norms = new Float64Array(end - first);
  for (let row = first; row < end; row++) {
    const from = row * dimension;
    let sum = 0;
    for (let k = 0; k < dimension; k++) sum += (rows[from + k] - centre[k]) ** 2;
    const norm = Math.sqrt(sum);
    norms[row - first] = norm;
    if (norm === 0) continue;
    const to = (row - first) * dimension;
    for (let k = 0; k < dimension; k++) values[to + k] = (rows[from + k] - centre[k]) / norm;
  }
  return { values, norms };
}

/** The mean row, [dimension]; zeros without rows. */
export function meanRow(rows: Float32Array, dimension: number): Float64Array {
  const mean = new Float64Array(dimension);
  for (let i = 0; i < rows.length; ) for (let k = 0; k < dimension; k++, i++) mean[k] += rows[i];
  const count = Math.max(1, rows.length / dimension);
  return mean.map((sum) => sum / count);
}
