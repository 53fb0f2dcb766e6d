import { ArgumentError, ShapeError } from '@anomclip/core';

/** A constant sparse matrix [R, C], row after row: row r holds the entries starts[r]…starts[r + 1] − 1. */
export interface SparseRows {
  readonly rowCount: number;
  readonly columnCount: number;
  /** [R + 1] ascending. */
  readonly starts: Uint32Array;
  /** [entries] column of each entry, ascending within a row. */
  readonly columns: Uint32Array;
  /** [entries] */
  readonly weights: Float32Array;
}

/**
 * A · x, one sum per row and channel, accumulated in float64.
 *
 * @param values - x: row-major [C, channels].
 * @returns Row-major [R, channels]; 0 for a row without entries.
 * @throws {@link ShapeError} when `values` have another length, {@link ArgumentError} when `channels` is no count.
 */
export function multiplyRows(
  { rowCount, columnCount, starts, columns, weights }: SparseRows,
  values: Float32Array,
  channels = 1,
): Float32Array {
  checkValues('multiplyRows', values, columnCount, channels);
  const products = new Float32Array(rowCount * channels);
  for (let row = 0; row < rowCount; row++) {
    const end = starts[row + 1];
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0;
      for (let entry = starts[row]; entry < end; entry++) {
        sum += weights[entry] * values[columns[entry] * channels + channel];
      }
      products[row * channels + channel] = sum;
    }
  }
  return products;
}

/**
 * Aᵀ · y, the adjoint of {@link multiplyRows} and so its gradient: ⟨A x, y⟩ = ⟨x, Aᵀ y⟩.
 *
 * @param values - y: row-major [R, channels].
 * @returns Row-major [C, channels].
 * @throws {@link ShapeError} when `values` have another length, {@link ArgumentError} when `channels` is no count.
 */
export function multiplyTransposedRows(
  { rowCount, columnCount, starts, columns, weights }: SparseRows,
  values: Float32Array,
  channels = 1,
): Float32Array {
  checkValues('multiplyTransposedRows', values, rowCount, channels);
  const sums = new Float64Array(columnCount * channels);
  for (let row = 0; row < rowCount; row++) {
    for (let entry = starts[row]; entry < starts[row + 1]; entry++) {
      const to = columns[entry] * channels;
      for (let channel = 0; channel < channels; channel++) {
        sums[to + channel] += weights[entry] * values[row * channels + channel];
      }
    }
  }
  return Float32Array.from(sums);
}

/** Aᵀ as rows of its own, to be gathered from. */
export function transposeRows({ rowCount, columnCount, starts, columns, weights }: SparseRows): SparseRows {
  const transposedStarts = new Uint32Array(columnCount + 1);
  for (const column of columns) transposedStarts[column + 1]++;
  for (let column = 0; column < columnCount; column++)
    transposedStarts[column + 1] += transposedStarts[column];
  const next = transposedStarts.slice(0, columnCount);
  const transposedColumns = new Uint32Array(columns.length);
  const transposedWeights = new Float32Array(columns.length);
  for (let row = 0; row < rowCount; row++) {
    for (let entry = starts[row]; entry < starts[row + 1]; entry++) {
      const to = next[columns[entry]]++;
      transposedColumns[to] = row;
      transposedWeights[to] = weights[entry];
    }
  }
  return {
    rowCount: columnCount,
    columnCount: rowCount,
    starts: transposedStarts,
    columns: transposedColumns,
    weights: transposedWeights,
  };
}

/** A sparse matrix as equally long lists, for a gather: A x = Σ_t weights[t] · x[indices[t]]. */
export interface GatherTerms {
  /** Terms per row T: the entries of the longest row. */
  readonly terms: number;
  /** [T, R]; 0 where a row has fewer entries. */
  readonly indices: Int32Array;
  /** [T, R]; 0 where a row has fewer entries. */
  readonly weights: Float32Array;
}

/**
 * The form that tensors need: for each term t a gather of R values, a product and a sum over t. The gradient of a gather
 * is a scatter, which some backends lack and others run slowly; gather with the terms of {@link transposeRows} instead.
 *
 * @param terms - T, to give several matrices the same shape. Default: the entries of the longest row.
 * @throws {@link ArgumentError} when a row has more than `terms` entries.
 */
export function gatherTerms(matrix: SparseRows, terms: number = longestRow(matrix)): GatherTerms {
  const { rowCount, starts, columns, weights } = matrix;
  if (!(Number.isInteger(terms) && terms >= longestRow(matrix))) {
    throw new ArgumentError('gatherTerms: terms', `an integer of at least ${longestRow(matrix)}`, terms);
  }
  const gathered = {
    terms,
    indices: new Int32Array(terms * rowCount),
    weights: new Float32Array(terms * rowCount),
  };
  for (let row = 0; row < rowCount; row++) {
    for (let entry = starts[row], at = row; entry < starts[row + 1]; entry++, at += rowCount) {
      gathered.indices[at] = columns[entry];
      gathered.weights[at] = weights[entry];
    }
  }
  return gathered;
}

function longestRow({ rowCount, starts }: SparseRows): number {
  let longest = 0;
  for (let row = 0; row < rowCount; row++) longest = Math.max(longest, starts[row + 1] - starts[row]);
  return longest;
}

function checkValues(where: string, values: Float32Array, rows: number, channels: number): void {
  if (!(Number.isInteger(channels) && channels >= 1)) {
    throw new ArgumentError(`${where}: channels`, 'an integer of at least 1', channels);
  }
  if (values.length !== rows * channels) {
    throw new ShapeError(`${where}: values`, `[${rows}, ${channels}]`, [values.length]);
  }
}
