import type { NdArray, TypedArray } from 'ndarray';

/**
 * The elements of an array in row-major order.
 *
 * @param array - Any rank, any strides: a transposed, cropped, stepped or flipped view will do.
 * @returns The array's own `data` when that is already exactly these elements in this order; otherwise a copy.
 */
export function contiguous<T extends TypedArray>(array: NdArray<T>): T {
  const { data, shape, stride, offset } = array;
  const size = shape.reduce((product, side) => product * side, 1);
  if (offset === 0 && data.length === size && isRowMajor(shape, stride)) return data;

  // A Node Buffer is a Uint8Array whose own constructor must not be called.
  const ArrayType = data instanceof Uint8Array ? Uint8Array : data.constructor;
  const elements = new (ArrayType as new (length: number) => T)(size);
  if (size === 0) return elements;
  if (isRowMajor(shape, stride)) {
    elements.set(data.subarray(offset, offset + size) as T & ArrayLike<number>);
    return elements;
  }
  copyStrided(elements, 0, data, offset, shape, stride, 0);
  return elements;
}

function isRowMajor(shape: readonly number[], stride: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== expected) return false; // the stride of a single element is never used
    expected *= shape[axis];
  }
  return true;
}

/** Copies one axis and all below it; returns where the next element goes. */
function copyStrided(
  target: TypedArray,
  start: number,
  source: TypedArray,
  offset: number,
  shape: readonly number[],
  stride: readonly number[],
  axis: number,
): number {
  const length = axis < shape.length ? shape[axis] : 1;
  const step = axis < shape.length ? stride[axis] : 0;
  let at = start;
  if (axis >= shape.length - 1) {
    for (let i = 0; i < length; i++) target[at++] = source[offset + i * step];
  } else {
    for (let i = 0; i < length; i++) {
      at = copyStrided(target, at, source, offset + i * step, shape, stride, axis + 1);
    }
  }
  return at;
}
