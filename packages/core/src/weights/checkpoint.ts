import { ArgumentError } from '../errors.js';
import type { Safetensors } from './read-safetensors.js';
import { toFloat32 } from './to-float32.js';

/** Named weights that are read one by one, each widened to float32 only when it is wanted. */
export interface Checkpoint {
  /** Names and shapes of everything in the file. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /**
   * One weight, row-major, as float32 whatever it is stored as. The caller owns the array.
   *
   * @throws {@link ArgumentError} when the file has no weight of that name.
   */
  read(name: string): Promise<Float32Array>;
}

/** A safetensors file as a checkpoint. It keeps the file's bytes, and makes float32 copies of single weights. */
export function safetensorsCheckpoint({ tensors }: Safetensors): Checkpoint {
  return {
    shapes: new Map([...tensors].map(([name, { shape }]) => [name, shape])),
    async read(name) {
      const tensor = tensors.get(name);
      if (!tensor) throw missingWeight(tensors.keys(), name);
      const values = toFloat32(tensor);
      return values === tensor.data ? values.slice() : values;
    },
  };
}

/** What reading a weight throws when the file has none of that name. */
export function missingWeight(names: Iterable<string>, name: string): ArgumentError {
  const some = [...names].slice(0, 5).join(', ');
  return new ArgumentError('checkpoint', `the name of a weight in the file (${some}, …)`, name);
}
