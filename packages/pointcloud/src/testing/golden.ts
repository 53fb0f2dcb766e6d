import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readSafetensors, toFloat32 } from '@anomclip/core/weights';

/** The folder beside the repository with golden results and real scans. */
const shared = fileURLToPath(new URL('../../../../../shared/', import.meta.url));

/** Path of a file of that folder, or `undefined` where it is absent. */
export function sharedFile(path: string): string | undefined {
  return existsSync(shared + path) ? shared + path : undefined;
}

/** The reference implementation's results on one synthetic scan. */
export const goldenPath = sharedFile('golden/pointcloud.safetensors');

/** One tensor of the golden file: its shape and its values as plain numbers. */
export function readGolden(name: string): { shape: readonly number[]; values: Float64Array } {
  const tensor = goldenPath && readSafetensors(readFileSync(goldenPath)).tensors.get(name);
  if (!tensor) throw new Error(`no golden tensor ${name}`);
  const values = tensor.data instanceof Float64Array ? tensor.data : Float64Array.from(toFloat32(tensor));
  return { shape: tensor.shape, values };
}

/** The object's points: `input.object_xyz` at `input.point_index`, xyz triples. */
export function goldenPoints(): Float32Array {
  const grid = readGolden('input.object_xyz').values;
  const points: number[] = [];
  for (const pixel of readGolden('input.point_index').values)
    points.push(...grid.subarray(3 * pixel, 3 * pixel + 3));
  return Float32Array.from(points);
}
