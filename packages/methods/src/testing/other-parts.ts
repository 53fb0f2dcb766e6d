import type { PointCloud } from '@anomclip/core';
import { selectPoints } from '@anomclip/pointcloud';

/**
 * An object cut across x into four slabs of equal width: the first and third for training, the second and fourth for
 * testing. Both have cut edges, so these are normal.
 */
export function otherParts(cloud: PointCloud): { training: PointCloud; test: PointCloud } {
  const { positions } = cloud;
  const xs = Array.from({ length: positions.shape[0] }, (_, point) => positions.get(point, 0));
  const low = xs.reduce((a, b) => Math.min(a, b));
  const high = xs.reduce((a, b) => Math.max(a, b));
  const isTest = xs.map((x) => Math.min(3, Math.floor((4 * (x - low)) / (high - low))) % 2 === 1);
  const pick = (wanted: boolean) =>
    selectPoints(
      cloud,
      Uint32Array.from(isTest.keys()).filter((point) => isTest[point] === wanted),
    );
  return { training: pick(false), test: pick(true) };
}
