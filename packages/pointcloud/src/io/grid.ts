import type { OrganisedCloud, PointCloud } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import ndarray from 'ndarray';
import { type ColumnTriple, isStorable } from './cloud-file.js';

/** xyz triples of a grid's cells in raster order, (0, 0, 0) where a coordinate is not finite in float32. */
export function organise([x, y, z]: ColumnTriple, cells: number): Float32Array {
  const xyz = new Float32Array(3 * cells);
  for (let i = 0; i < cells; i++) {
    const [px, py, pz] = [x.values[i * x.stride], y.values[i * y.stride], z.values[i * z.stride]];
    if (!(isStorable(px) && isStorable(py) && isStorable(pz))) continue;
    xyz[3 * i] = px;
    xyz[3 * i + 1] = py;
    xyz[3 * i + 2] = pz;
  }
  return xyz;
}

/** The measured points of a scan (those that are not exactly (0, 0, 0)) in raster order. */
export function measuredPoints({ xyz }: OrganisedCloud): { cloud: PointCloud; index: Uint32Array } {
  const values = contiguous(xyz);
  const cells = values.length / 3;
  const index = new Uint32Array(cells);
  const positions = new Float32Array(values.length);
  let length = 0;
  for (let i = 0; i < cells; i++) {
    const [x, y, z] = [values[3 * i], values[3 * i + 1], values[3 * i + 2]];
    if (x === 0 && y === 0 && z === 0) continue;
    positions[3 * length] = x;
    positions[3 * length + 1] = y;
    positions[3 * length + 2] = z;
    index[length++] = i;
  }
  return {
    cloud: { positions: ndarray(positions.slice(0, 3 * length), [length, 3]) },
    index: index.slice(0, length),
  };
}
