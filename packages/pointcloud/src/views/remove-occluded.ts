import { ArgumentError } from '@anomclip/core';
import { checkPreparedCloud, type PreparedCloud } from '../prepare/prepared-cloud.js';
import { rotationX } from '../rotations.js';
import { boundingBox } from './box.js';
import { fitCamera } from './camera.js';
import { cellsOf } from './correspondences.js';
import { rowsAt } from './never-visible.js';
import { type Pose, rotateAbout } from './pose.js';
import { projectPoints } from './project-points.js';
import { rasterisePoints } from './rasterise-points.js';

export interface RemoveOccludedOptions {
  /** Radians by which the cloud is turned about x before its pose. @defaultValue π, which puts a sensor's frame upright */
  baseAngle?: number;
  /** Side of the window in pixels. @defaultValue 336 */
  window?: number;
  /** Side of a point in pixels. @defaultValue 5 */
  pointSize?: number;
  /** How far behind what is seen a point may be and still count as seen, as a share of its depth. @defaultValue 0.01 */
  tolerance?: number;
}

/**
 * A cloud as a sensor in one pose would have seen it: cells whose points are hidden there become background, and neither
 * labels nor targets mark them (the occlusion study of `pointad.md` 10). A point is hidden when a drawn point covers its
 * pixel with a depth below (1 − tolerance) times its own, or when it is outside the window; see `pointcloud.md` 13.
 *
 * @param poses - One pose, or several in order of preference: the first is taken that leaves anomalous points, if the cloud
 * has some.
 * @returns The cloud, and the pose that was taken.
 * @throws {@link ShapeError} when the parts of the cloud disagree.
 * @throws {@link ArgumentError} when no pose leaves an anomalous point, there are no poses, or an option cannot be.
 */
export function removeOccluded(
  cloud: PreparedCloud,
  poses: Pose | readonly Pose[],
  options: RemoveOccludedOptions = {},
): { readonly cloud: PreparedCloud; readonly pose: Pose } {
  checkPreparedCloud('removeOccluded', cloud);
  const cells = cellsOf(cloud.foreground);
  const mustKeep = cloud.labels && cells.filter((cell) => cloud.labels?.[cell]);
  for (const pose of 'rotation' in poses ? [poses] : poses) {
    const seen = seenFrom(cloud, cells, pose, options);
    if (mustKeep && mustKeep.length > 0 && !mustKeep.some((cell) => seen[cell])) continue;
    return { cloud: keepCells(cloud, seen), pose };
  }
  throw new ArgumentError('removeOccluded: poses', 'a pose that leaves anomalous points', poses);
}

/** [N] 1 for the foreground cells that are seen from a pose. */
function seenFrom(
  cloud: PreparedCloud,
  cells: Uint32Array,
  pose: Pose,
  { baseAngle = Math.PI, window = 336, pointSize = 5, tolerance = 0.01 }: RemoveOccludedOptions,
): Uint8Array {
  if (!(tolerance >= 0 && tolerance < 1)) {
    throw new ArgumentError('removeOccluded: tolerance', 'a share in [0, 1)', tolerance);
  }
  const upright = rotateAbout(rowsAt(cloud.positions, cells), { rotation: rotationX(baseAngle) }, [0, 0, 0]);
  const turned = rotateAbout(upright, pose);
  const camera = fitCamera(boundingBox(turned), { width: window });
  const projection = projectPoints(turned, camera);
  const { depth: nearest } = rasterisePoints(projection, camera, { pointSize });
  const seen = new Uint8Array(cloud.foreground.length);
  cells.forEach((cell, i) => {
    const column = Math.round(projection.u[i]);
    const row = Math.round(projection.v[i]);
    if (!(column >= 0 && column < window && row >= 0 && row < window)) return;
    seen[cell] = Number(nearest[row * window + column] >= (1 - tolerance) * projection.depth[i]);
  });
  return seen;
}

function keepCells(cloud: PreparedCloud, seen: Uint8Array): PreparedCloud {
  const { foreground, labels, targets } = cloud;
  const isRemoved = (cell: number) => foreground[cell] && !seen[cell];
  const without = (values: Uint8Array) => values.map((value, cell) => (isRemoved(cell) ? 0 : value));
  return {
    ...cloud,
    positions: cloud.positions.map((value, i) => (isRemoved(Math.floor(i / 3)) ? 0 : value)),
    foreground: seen,
    ...(labels && { labels: without(labels) }),
    ...(targets && { targets: without(targets) }),
  };
}
