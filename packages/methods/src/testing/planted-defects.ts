import type { PointCloud } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import { selectPoints } from '@anomclip/pointcloud';
import ndarray from 'ndarray';

export type DefectKind = 'bulge' | 'hole';

/** A defect about the axis through a point of the surface. */
export interface Defect {
  readonly kind: DefectKind;
  /** Point of the cloud in the middle of the defect. */
  readonly centre: number;
  /** Unit vector away from the material. */
  readonly outwards: readonly [number, number, number];
  readonly radius: number;
}

/**
 * A copy of the cloud with a defect, and which of its points are anomalous: those that were moved, and no others.
 *
 * `'bulge'`: a paraboloid of height 0.75 radii put on the surface. `'hole'`: drilled part of the way, 0.8 radii deep,
 * with a flat bottom and a wall that slopes over the outer fifth of the radius; the points are pushed in, none removed.
 */
export function plant(cloud: PointCloud, { kind, centre, outwards, radius }: Defect) {
  const positions = contiguous(cloud.positions).slice();
  const normals = cloud.normals && contiguous(cloud.normals);
  const anomalous = new Uint8Array(cloud.positions.shape[0]);
  const origin = positions.slice(3 * centre, 3 * centre + 3);
  for (let point = 0; point < anomalous.length; point++) {
    const offset = [0, 1, 2].map((axis) => positions[3 * point + axis] - origin[axis]);
    const height = dot(offset, outwards);
    const fromAxis = Math.sqrt(Math.max(0, dot(offset, offset) - height ** 2));
    if (fromAxis >= radius || Math.abs(height) >= radius) continue;
    // The back of a thin part is within the radius too, but a defect has one side.
    if (normals && dot(normals.subarray(3 * point, 3 * point + 3), outwards) <= 0) continue;
    const inside = 1 - fromAxis / radius;
    const shift = kind === 'bulge' ? 0.75 * (1 - (1 - inside) ** 2) : -0.8 * Math.min(1, 5 * inside);
    for (let axis = 0; axis < 3; axis++) positions[3 * point + axis] += shift * radius * outwards[axis];
    anomalous[point] = 1;
  }
  return { cloud: { ...cloud, positions: ndarray(positions, cloud.positions.shape) }, anomalous };
}

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

/** Area under the ROC curve: the share of pairs of an anomalous and a normal point that are ranked right. */
export function auroc(scores: Float32Array, anomalous: Uint8Array): number {
  const order = Array.from(scores.keys()).sort((a, b) => scores[a] - scores[b]);
  let [rankSum, positives] = [0, 0];
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && scores[order[end]] === scores[order[start]]) end++;
    for (let i = start; i < end; i++) {
      if (anomalous[order[i]] === 0) continue;
      positives++;
      rankSum += (start + 1 + end) / 2; // ties share their mean rank
    }
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (order.length - positives));
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
