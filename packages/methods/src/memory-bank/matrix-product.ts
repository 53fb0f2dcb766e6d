/**
 * What multiplies queries with a memory bank: the one part of a search that takes long, and that an engine made for it
 * does best. `@anomclip/methods/matrix-products` has one for TensorFlow.js and one for ONNX Runtime.
 */
export interface MatrixProduct {
  /**
   * The unit roundoff of its numbers, half the distance from 1 to the next one: 2⁻²⁴ in float32, 2⁻¹¹ in TF32 or
   * float16. A search believes a product no further than this says, so that its result is exact anyhow.
   * @defaultValue 2⁻²⁴
   */
  readonly roundoff?: number;
  /** Most bytes of bank rows that it takes in one piece. @defaultValue 64 MiB */
  readonly blockBytes?: number;
  /**
   * Makes some rows ready for many products.
   *
   * @param block - [rows, dimension], row-major, entries in [−1, 1]. Given: the product may keep it.
   */
  prepare(block: Float32Array, rows: number, dimension: number): Promise<PreparedBlock>;
}

/** Bank rows inside an engine. */
export interface PreparedBlock {
  /**
   * @param queries - [Q, dimension], row-major, Q ≥ 1. Borrowed.
   * @returns [Q, rows], row-major: the scalar product of every query with every row.
   */
  multiply(queries: Float32Array): Promise<Float32Array>;
  /** Frees the rows. */
  dispose(): void | Promise<void>;
}
