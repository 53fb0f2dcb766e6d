import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ArgumentError } from '../errors.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import { readSafetensors, type Safetensors, toFloat32 } from '../weights/index.js';

/** Golden results and data lie beside the repository; tests that read them skip where they are absent. */
export const sharedFolder = fileURLToPath(new URL('../../../../../shared', import.meta.url));
export const hasShared = existsSync(sharedFolder);

export class GoldenFile {
  private readonly file: Safetensors;

  constructor(path: string) {
    this.file = readSafetensors(new Uint8Array(readFileSync(`${sharedFolder}/${path}`)));
  }

  get names(): string[] {
    return [...this.file.tensors.keys()];
  }

  get metadata(): Record<string, string> {
    return this.file.metadata;
  }

  shape(name: string): number[] {
    return [...this.tensor(name).shape];
  }

  values(name: string): Float32Array {
    return toFloat32(this.tensor(name));
  }

  /** NCHW images as NHWC values and shape. */
  nhwc(name: string): { values: Float32Array; shape: [number, number, number, number] } {
    const [n, c, h, w] = this.shape(name);
    const from = this.values(name);
    const values = new Float32Array(from.length);
    for (let i = 0; i < n; i++) {
      for (let channel = 0; channel < c; channel++) {
        for (let pixel = 0; pixel < h * w; pixel++) {
          values[(i * h * w + pixel) * c + channel] = from[(i * c + channel) * h * w + pixel];
        }
      }
    }
    return { values, shape: [n, h, w, c] };
  }

  /** The tensors whose names start with `prefix`, as a checkpoint without it. */
  checkpoint(prefix: string): Checkpoint {
    const names = this.names.filter((name) => name.startsWith(prefix));
    const shapes = new Map(names.map((name) => [name.slice(prefix.length), this.shape(name)]));
    return {
      shapes,
      read: async (name) => {
        if (!shapes.has(name)) throw new ArgumentError('golden', 'a weight of the file', name);
        return this.values(prefix + name).slice(); // the caller owns it
      },
    };
  }

  private tensor(name: string) {
    const tensor = this.file.tensors.get(name);
    if (!tensor) throw new Error(`the golden file has no ${name}`);
    return tensor;
  }
}
