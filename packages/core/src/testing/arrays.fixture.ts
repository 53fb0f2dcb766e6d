import { readFileSync } from 'node:fs';
import ndarray, { type NdArray } from 'ndarray';
import { readSafetensors } from '../weights/index.js';
import { sharedFolder } from './golden.fixture.js';

/** A tensor of a golden file as an array. */
export function readGolden(
  file: string,
): (name: string) => NdArray<Float32Array | Float64Array | Uint8Array> {
  const { tensors } = readSafetensors(readFileSync(`${sharedFolder}/golden/${file}.safetensors`));
  return (name) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`${file} has no tensor ${name}`);
    return ndarray(tensor.data as Float32Array | Float64Array | Uint8Array, [...tensor.shape]);
  };
}

/** The largest absolute difference; Infinity for different lengths, NaN when there is a NaN anywhere. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}
