import { ArgumentError } from '../errors.js';

/** Embeddings of square windows of patches, by their side s in patches: [B, windows, D], not of unit length. */
export type WindowFeatures<Embeddings> = ReadonlyMap<number, Embeddings>;

/**
 * The tokens of every window of s × s patches at stride 1, windows and the patches of each in raster order: the class
 * token 0, then the patches' tokens, which are counted from 1 (section 1 of WinCLIP's specification).
 *
 * @returns [windows, 1 + s²] row-major, windows = (rows − s + 1) · (columns − s + 1).
 * @throws {@link ArgumentError} when no such window fits into the grid.
 */
export function windowTokens(rows: number, columns: number, size: number): Int32Array {
  const most = Math.min(rows, columns);
  if (!Number.isInteger(size) || size < 1 || size > most) {
    throw new ArgumentError('encode windows', `window sides from 1 to ${most} patches`, size);
  }
  const tokens = new Int32Array((rows - size + 1) * (columns - size + 1) * (1 + size * size));
  let next = 0;
  for (let top = 0; top + size <= rows; top++) {
    for (let left = 0; left + size <= columns; left++) {
      next++; // the class token, 0
      for (let row = top; row < top + size; row++) {
        for (let column = left; column < left + size; column++) tokens[next++] = 1 + row * columns + column;
      }
    }
  }
  return tokens;
}
