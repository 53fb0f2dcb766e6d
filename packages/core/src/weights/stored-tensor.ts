import { FormatError } from '../errors.js';
import { arrayOfDtype, type SafetensorsData, type SafetensorsDtype } from './dtypes.js';

/** A block of elements in a checkpoint, on which several tensors may be views. */
export interface Storage {
  readonly key: string;
  readonly dtype: SafetensorsDtype;
  /** Elements. */
  readonly length: number;
}

/** A tensor as PyTorch stores it: a view of a storage. Its numbers are checked against each other and the storage. */
export class StoredTensor {
  /** How many elements it has. */
  readonly count: number;
  /** Elements of the storage from `offset` up to the last one that the tensor reaches. */
  readonly extent: number;

  /** @throws {@link FormatError} when the view leaves its storage, or repeats it without end. */
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    /** Elements from one entry to the next, per axis. */
    readonly strides: readonly number[],
  ) {
    const numbers = [offset, ...shape, ...strides];
    if (shape.length !== strides.length || !numbers.every((n) => Number.isSafeInteger(n) && n >= 0)) {
      throw malformed(`offset ${offset}, shape [${shape}] and strides [${strides}] do not belong together`);
    }
    this.count = shape.reduce((product, side) => product * side, 1);
    this.extent =
      this.count === 0 ? 0 : shape.reduce((sum, side, axis) => sum + (side - 1) * strides[axis], 1);
    const where = `a tensor [${shape.join(', ')}] with strides [${strides.join(', ')}] from element ${offset}`;
    if (offset + this.extent > storage.length) {
      throw malformed(`${where} leaves its storage of ${storage.length} elements`);
    }
    // expand() makes tensors that are larger than what they are made of; files of such would hold an endless amount.
    if (this.count > Math.max(storage.length, maxRepeated)) {
      throw malformed(
        `${where} repeats its storage of ${storage.length} elements`,
        'save its contiguous() copy',
      );
    }
  }
}

const maxRepeated = 2 ** 24;

/**
 * The elements of a tensor in row-major order.
 *
 * @param extent - The elements of its storage from its offset on.
 * @returns `extent` itself where that is row-major already.
 */
export function inRowMajorOrder({ count, shape, strides, storage }: StoredTensor, extent: SafetensorsData) {
  if (isRowMajor(shape, strides)) return extent;
  const result = new arrayOfDtype[storage.dtype](count);
  if (count === 0) return result;
  const last = shape.length - 1;
  const position = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < count; ) {
    for (let i = 0; i < shape[last]; i++) result[to++] = extent[from + i * strides[last]];
    // The next row, as an odometer turns.
    let axis = last - 1;
    for (; axis >= 0; axis--) {
      from += strides[axis];
      if (++position[axis] < shape[axis]) break;
      from -= shape[axis] * strides[axis];
      position[axis] = 0;
    }
  }
  return result;
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false; // one entry needs no stride
    expected *= shape[axis];
  }
  return true;
}

function malformed(problem: string, hint?: string): FormatError {
  return new FormatError('PyTorch checkpoint', problem, hint);
}
