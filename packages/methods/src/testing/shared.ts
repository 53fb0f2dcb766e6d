import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readSafetensors, toFloat32 } from '@anomclip/core/weights';

/** A file of the folder beside the checkout that holds golden results and real scans. */
export function sharedFile(path: string): string {
  return fileURLToPath(new URL(`../../../../../shared/${path}`, import.meta.url));
}

export const hasShared = existsSync(sharedFile('golden'));

/** One tensor of a golden file. */
export function golden(file: string, name: string): { shape: readonly number[]; data: Float32Array } {
  const tensor = readSafetensors(readFileSync(sharedFile(`golden/${file}.safetensors`))).tensors.get(name);
  if (!tensor) throw new Error(`${file} has no tensor ${name}`);
  return { shape: tensor.shape, data: toFloat32(tensor) };
}
