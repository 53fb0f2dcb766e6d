import { ArgumentError, type PointCloud, ShapeError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import type { NdArray } from 'ndarray';
import type { FittedBtfCloudConfig } from './cloud-config.js';
import { fpfhOfPoints } from './features.js';

/** FPFH of all points, [N, 33] row-major. */
export function fpfhOfCloud(cloud: PointCloud, config: FittedBtfCloudConfig): Float32Array {
  const { voxel, normals, fpfh, normalOrientation } = config;
  assertTriples('positions', cloud.positions);
  return fpfhOfPoints(contiguous(cloud.positions), {
    normals: { ...normals, radius: voxel * normals.radius },
    fpfh: { ...fpfh, radius: voxel * fpfh.radius },
    normalOrientation: normalOrientation === 'given' ? normalsOf(cloud) : normalOrientation,
  });
}

function normalsOf({ positions, normals }: PointCloud): Float32Array {
  if (!normals)
    throw new ArgumentError(WHERE, "clouds with normals for normalOrientation 'given'", 'one without');
  assertTriples('normals', normals, positions.shape[0]);
  return contiguous(normals);
}

const WHERE = 'BTF on clouds';

function assertTriples(name: string, array: NdArray<Float32Array>, count: number | 'N' = 'N'): void {
  const { dimension, shape } = array;
  if (dimension === 2 && shape[1] === 3 && (count === 'N' || shape[0] === count)) return;
  throw new ShapeError(WHERE, `${name} [${count}, 3]`, shape);
}
