import { FormatError } from '@anomclip/core';
import type { SafetensorsDtype, SafetensorsTensor } from '@anomclip/core/weights';

/** A side of a shape: a number, or a letter that is the same number wherever it stands. */
type Side = number | 'V' | 'N' | 'H' | 'W';

/** The tensors of an untrusted file, each taken once with the type, shape and range of values that it must have. */
export class SampleTensors {
  readonly #tensors: ReadonlyMap<string, SafetensorsTensor>;
  readonly #taken = new Set<string>();
  readonly #sides = new Map<Side, number>();

  constructor(tensors: ReadonlyMap<string, SafetensorsTensor>) {
    this.#tensors = tensors;
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /** What a letter stands for; a shape that names it must have been taken. */
  side(letter: 'V' | 'N' | 'H' | 'W'): number {
    return this.#sides.get(letter) ?? 0;
  }

  /** U8, all below `end`. */
  bytes(name: string, shape: readonly Side[], end: number): Uint8Array {
    return this.#take(name, 'U8', Uint8Array, shape, (value) => value < end);
  }

  /** U16, all below `end`. */
  words(name: string, shape: readonly Side[], end: number): Uint16Array {
    return this.#take(name, 'U16', Uint16Array, shape, (value) => value < end);
  }

  /** I32, all in `start`…`end` − 1. */
  integers(name: string, shape: readonly Side[], start: number, end: number): Int32Array {
    return this.#take(name, 'I32', Int32Array, shape, (value) => value >= start && value < end);
  }

  /** F64, all finite. */
  numbers(name: string, shape: readonly Side[]): Float64Array {
    return this.#take(name, 'F64', Float64Array, shape, Number.isFinite);
  }

  /** Nothing else may be in the file. */
  end(): void {
    for (const name of this.#tensors.keys()) {
      if (!this.#taken.has(name))
        throw malformed(`it has an unknown tensor ${JSON.stringify(name.slice(0, 40))}`);
    }
  }

  #take<T extends Uint8Array | Uint16Array | Int32Array | Float64Array>(
    name: string,
    dtype: SafetensorsDtype,
    ArrayType: abstract new (...args: never[]) => T,
    shape: readonly Side[],
    isFine: (value: number) => boolean,
  ): T {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw malformed(`it has no ${name}`);
    const { data } = tensor;
    if (tensor.dtype !== dtype || !(data instanceof ArrayType)) {
      throw malformed(`${name} is ${tensor.dtype}, not ${dtype}`);
    }
    if (!this.#fits(tensor.shape, shape)) {
      throw malformed(`${name} is [${tensor.shape.join(', ')}], not [${shape.join(', ')}]`);
    }
    for (let i = 0; i < data.length; i++) {
      if (!isFine(data[i])) throw malformed(`${name} holds ${data[i]}, which cannot be`);
    }
    this.#taken.add(name);
    return data.slice() as T; // of its own, not a view of the file
  }

  #fits(actual: readonly number[], wanted: readonly Side[]): boolean {
    if (actual.length !== wanted.length) return false;
    return wanted.every((side, axis) => {
      if (typeof side === 'number') return actual[axis] === side;
      const known = this.#sides.get(side) ?? actual[axis];
      this.#sides.set(side, known);
      return actual[axis] === known && (side !== 'V' || known > 0);
    });
  }
}

function malformed(problem: string): FormatError {
  return new FormatError('multi-view sample', problem);
}
