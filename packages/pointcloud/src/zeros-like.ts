import type { TypedArray } from 'ndarray';

/** Zeros in an array of the same type. */
export function zerosLike<T extends TypedArray>(array: T, length: number): T {
  return new (array.constructor as new (length: number) => T)(length);
}
