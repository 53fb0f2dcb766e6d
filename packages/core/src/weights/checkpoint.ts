/** Bytes that can be read piece by piece: a file, a Blob, a Uint8Array, a server that answers ranges. */
export interface ByteSource {
  /** Length in bytes. */
  readonly size: number;
  /** The bytes from `start` to `end`, exclusive; exactly `end − start` of them, or it rejects. */
  read(start: number, end: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A file of named weights, read one by one: the whole file is never in memory at once. */
export interface Checkpoint {
  /** Names and shapes of everything in the file. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /**
   * One weight, row-major, widened to float32 whatever it is stored as. The caller owns the array.
   *
   * @throws {@link ArgumentError} when the file has no weight of that name.
   */
  read(name: string): Promise<Float32Array>;
  /** Closes the file. */
  close(): Promise<void>;
}
