import type { PointCloud } from '@anomclip/core';
import { contiguous, createImage, type Image } from '@anomclip/core/image';

/** The pose clouds are seen in: turned about the vertical axis, then tilted towards the viewer. */
export interface Pose {
  readonly yawRadians: number;
  readonly pitchRadians: number;
}

/** Scans are seen from their sensor: y down, z away from the viewer. Meshes stand upright. */
export const scanPose: Pose = { yawRadians: 0.5, pitchRadians: Math.PI - 0.5 };
export const meshPose: Pose = { yawRadians: 0.5, pitchRadians: 0.2 };

/** The box that a cloud is drawn in, so that a part or a disturbed copy of it stays in place. */
export interface Frame {
  readonly centre: readonly number[];
  readonly scale: number;
  readonly pose: Pose;
}

export function frameOf({ positions }: PointCloud, pose: Pose): Frame {
  const points = contiguous(positions);
  const low = [0, 1, 2].map((axis) => extreme(points, axis, Math.min));
  const high = [0, 1, 2].map((axis) => extreme(points, axis, Math.max));
  const diagonal = Math.hypot(...[0, 1, 2].map((axis) => high[axis] - low[axis])) || 1;
  return { centre: [0, 1, 2].map((axis) => (low[axis] + high[axis]) / 2), scale: 0.92 / diagonal, pose };
}

/** Points as small squares, the nearest in front, grey by their normal's angle to the viewer, red where the mask is 1. */
export function drawCloud(
  { positions, normals }: PointCloud,
  mask: Uint8Array | undefined,
  { centre, scale, pose }: Frame,
  size: number,
  dot = Math.max(2, Math.round(size / 80)),
): Image {
  const picture = createImage(size, size);
  picture.data.fill(255);
  const depth = new Float64Array(size * size).fill(Number.NEGATIVE_INFINITY);
  for (let point = 0; point < positions.shape[0]; point++) {
    const offset = [0, 1, 2].map((axis) => scale * (positions.get(point, axis) - centre[axis]));
    const [x, y, z] = turned(offset, pose);
    const normal =
      normals &&
      turned(
        [0, 1, 2].map((axis) => normals.get(point, axis)),
        pose,
      );
    const light = normal
      ? 70 + 170 * Math.abs(0.8 * normal[2] + 0.4 * normal[1] - 0.3 * normal[0])
      : 120 + 160 * z;
    const colour = mask?.[point] === 1 ? [255, 0.35 * light, 0.3 * light] : [light, light, light];
    const [left, top] = [Math.round(size * (0.5 + x) - dot / 2), Math.round(size * (0.5 - y) - dot / 2)];
    for (let i = Math.max(0, top); i < Math.min(size, top + dot); i++) {
      for (let j = Math.max(0, left); j < Math.min(size, left + dot); j++) {
        if (depth[i * size + j] >= z) continue;
        depth[i * size + j] = z;
        colour.forEach((value, c) => {
          picture.set(i, j, c, Math.min(Math.max(value, 0), 255));
        });
      }
    }
  }
  return picture;
}

function turned([x, y, z]: readonly number[], { yawRadians, pitchRadians }: Pose): [number, number, number] {
  const [cosYaw, sinYaw] = [Math.cos(yawRadians), Math.sin(yawRadians)];
  const [cosPitch, sinPitch] = [Math.cos(pitchRadians), Math.sin(pitchRadians)];
  const right = cosYaw * x + sinYaw * z;
  const towards = -sinYaw * x + cosYaw * z;
  return [right, cosPitch * y - sinPitch * towards, sinPitch * y + cosPitch * towards];
}

function extreme(points: Float32Array, axis: number, pick: (a: number, b: number) => number): number {
  let value = points[axis];
  for (let i = axis; i < points.length; i += 3) value = pick(value, points[i]);
  return value;
}
