import { type Checkpoint, type Safetensors, toFloat32 } from '@anomclip/core/weights';
import * as tf from '@tensorflow/tfjs';
import ndarray, { type NdArray } from 'ndarray';

/** A golden file: named arrays, and settings as text. Shapes are read from the file, never assumed. */
export class Golden {
  constructor(private readonly file: Safetensors) {}

  get names(): string[] {
    return [...this.file.tensors.keys()];
  }

  has(name: string): boolean {
    return this.file.tensors.has(name);
  }

  shape(name: string): readonly number[] {
    return this.tensor(name).shape;
  }

  setting(name: string): string | undefined {
    return this.file.metadata[name];
  }

  /** Values as float64, whatever they are stored as. */
  values(name: string): Float64Array {
    const { data } = this.tensor(name);
    if (data instanceof Float64Array) return data;
    if (data instanceof BigInt64Array || data instanceof BigUint64Array)
      return Float64Array.from(data, Number);
    return Float64Array.from(this.tensor(name).dtype.endsWith('F16') ? toFloat32(this.tensor(name)) : data);
  }

  scalar(name: string): number {
    return this.values(name)[0];
  }

  float32(name: string): NdArray<Float32Array> {
    return ndarray(Float32Array.from(this.values(name)), [...this.shape(name)]);
  }

  uint8(name: string): NdArray<Uint8Array> {
    return ndarray(Uint8Array.from(this.values(name)), [...this.shape(name)]);
  }

  private tensor(name: string) {
    const tensor = this.file.tensors.get(name);
    if (!tensor) throw new Error(`the golden file has no ${name}; it has ${this.names.join(', ')}`);
    return tensor;
  }
}

/** The file's `weights.*` without that prefix. */
export function checkpointOf(golden: Golden): Checkpoint {
  const names = golden.names.filter((name) => name.startsWith('weights.'));
  return {
    shapes: new Map(names.map((name) => [name.slice('weights.'.length), golden.shape(name)])),
    read: async (name) => Float32Array.from(golden.values(`weights.${name}`)),
  };
}

/** NCHW images as [B, H, W, C]. */
export function imagesOf(golden: Golden, name: string): tf.Tensor4D {
  const [batch, channels, height, width] = golden.shape(name);
  return tf.tidy(() =>
    tf.transpose(tf.tensor4d(golden.float32(name).data, [batch, channels, height, width]), [0, 2, 3, 1]),
  );
}

/** Largest absolute difference; Infinity when the lengths differ or a value is not a number on one side only. */
export function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < actual.length; i++) {
    const error = Math.abs(actual[i] - expected[i]);
    if (Number.isNaN(error)) {
      if (!Object.is(actual[i], expected[i])) return Number.POSITIVE_INFINITY;
    } else if (error > largest) largest = error;
  }
  return largest;
}

/** The rows of [B, 1 + P, W] without those of the class token. */
export function patchRows(golden: Golden, name: string): Float64Array {
  const [, tokens, width] = golden.shape(name);
  return golden.values(name).filter((_, i) => Math.floor(i / width) % tokens !== 0);
}

export async function errorOf(actual: tf.Tensor, expected: Float64Array): Promise<number> {
  return largestError(await actual.data(), expected);
}

/** The file's `weights.*` without that prefix, matrices transposed to [in, out]. The caller owns them. */
export function transposedWeights(
  golden: Golden,
  isWanted: (name: string) => boolean = () => true,
): Record<string, tf.Tensor> {
  const names = golden.names.filter((name) => name.startsWith('weights.') && isWanted(name));
  return Object.fromEntries(
    names.map((name) => [
      name.slice('weights.'.length),
      tf.tidy(() => tf.transpose(tf.tensor(golden.float32(name).data, [...golden.shape(name)]))),
    ]),
  );
}
