/** The largest eigenvalues, falling, and their eigenvectors, one per row. */
export interface Eigenpairs {
  readonly values: Float64Array;
  /** [count, size] */
  readonly vectors: Float64Array;
}

/**
 * Leading eigenpairs of a symmetric matrix by Jacobi's rotations, which go on until what is off the diagonal is 10⁻¹² of it.
 *
 * @param matrix - [size, size] row-major; changed.
 */
export function leadingEigenpairs(matrix: Float64Array, size: number, count: number): Eigenpairs {
  const vectors = new Float64Array(size * size); // one per row
  for (let i = 0; i < size; i++) vectors[i * size + i] = 1;
  while (offDiagonal(matrix, size) > 1e-24 * squaredSum(matrix)) {
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(matrix, vectors, size, p, q);
  }
  const order = Array.from({ length: size }, (_, i) => i).sort(
    (a, b) => matrix[b * size + b] - matrix[a * size + a],
  );
  const result = { values: new Float64Array(count), vectors: new Float64Array(count * size) };
  for (let k = 0; k < count; k++) {
    result.values[k] = matrix[order[k] * size + order[k]];
    result.vectors.set(vectors.subarray(order[k] * size, (order[k] + 1) * size), k * size);
  }
  return result;
}

/** Makes the elements (p, q) and (q, p) zero. */
function rotate(matrix: Float64Array, vectors: Float64Array, size: number, p: number, q: number): void {
  const element = matrix[p * size + q];
  if (element === 0) return;
  const ratio = (matrix[q * size + q] - matrix[p * size + p]) / (2 * element);
  const tangent = Math.sign(ratio || 1) / (Math.abs(ratio) + Math.sqrt(ratio * ratio + 1));
  const cos = 1 / Math.sqrt(tangent * tangent + 1);
  const sin = tangent * cos;
  for (let i = 0; i < size; i++) {
    const [a, b] = [matrix[i * size + p], matrix[i * size + q]];
    matrix[i * size + p] = cos * a - sin * b;
    matrix[i * size + q] = sin * a + cos * b;
  }
  for (const rows of [matrix, vectors]) {
    for (let i = 0; i < size; i++) {
      const [a, b] = [rows[p * size + i], rows[q * size + i]];
      rows[p * size + i] = cos * a - sin * b;
      rows[q * size + i] = sin * a + cos * b;
    }
  }
}

function offDiagonal(matrix: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) sum += 2 * matrix[i * size + j] ** 2;
  return sum;
}

function squaredSum(matrix: Float64Array): number {
  let sum = 0;
  for (const value of matrix) sum += value * value;
  return sum;
}
