/** The typed arrays a file's numbers are kept in; 64-bit integers become float64. */
export type NumericArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** A typed array that doubles when full, for counts a file states only at its end, or not at all. */
export class GrowingArray<T extends NumericArray> {
  length = 0;
  #values: T;

  constructor(private readonly create: (length: number) => T) {
    this.#values = create(64);
  }

  push(value: number): void {
    if (this.length === this.#values.length) {
      const grown = this.create(2 * this.length);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.length++] = value;
  }

  /** A copy of exactly the elements pushed so far. */
  toArray(): T {
    return this.#values.slice(0, this.length) as T;
  }
}
