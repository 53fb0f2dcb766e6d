import type { Rng } from '@anomclip/core/random';
import { cosineWave, wave } from './wave.js';

/**
 * Pinhole intrinsics in pixels. Pixel (row r, column c) has its centre at (c, r) and looks along
 * ((c − cx) / fx, (r − cy) / fy, 1); x points right, y down, z forward.
 */
export interface PinholeCamera {
  readonly width: number;
  readonly height: number;
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
}

/** The object frame in the camera frame: point = position + u · uAxis + v · vAxis + w · wAxis. */
export interface Pose {
  /** Origin of the object frame, metres, on the support plane. */
  readonly position: Vec3;
  readonly uAxis: Vec3;
  readonly vAxis: Vec3;
  /** Unit normal of the support plane, towards the camera. */
  readonly wAxis: Vec3;
}

export type Vec3 = readonly [x: number, y: number, z: number];

/** Distance of the camera from the support along its axis, metres, before the variation of the pose. */
export const standoff = 0.4;

/** Focal length in units of the shorter image side: a field of 0.154 m at the stand-off. */
const focalPerSide = 2.6;

/** The sensor's camera for an image of this size. */
export function sensorCamera(height: number, width: number): PinholeCamera {
  const focal = focalPerSide * Math.min(height, width);
  return { width, height, fx: focal, fy: focal, cx: (width - 1) / 2, cy: (height - 1) / 2 };
}

/**
 * How one part lies under the sensor: turned by up to `turn` radians, shifted by a few millimetres, on a
 * support that is tilted by up to 3 degrees per axis and 0.39 to 0.41 m away.
 */
export function drawPose(rng: Rng, turn: number): Pose {
  const position: Vec3 = [
    rng.uniform(-0.004, 0.004),
    rng.uniform(-0.004, 0.004),
    standoff + rng.uniform(-0.01, 0.01),
  ];
  const wAxis = normalise([rng.uniform(-0.05, 0.05), rng.uniform(-0.05, 0.05), -1]);
  const turns = rng.uniform(-turn, turn) / (2 * Math.PI);
  const straightU = normalise(subtractProjection([1, 0, 0], wAxis));
  const straightV = cross(wAxis, straightU);
  const cos = cosineWave(turns);
  const sin = wave(turns);
  return {
    position,
    uAxis: combine(straightU, cos, straightV, sin),
    vAxis: combine(straightU, -sin, straightV, cos),
    wAxis,
  };
}

/** Inner product. */
export function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** The vector divided by its length. */
export function normalise(vector: Vec3): Vec3 {
  const length = Math.sqrt(dot(vector, vector));
  return [vector[0] / length, vector[1] / length, vector[2] / length];
}

function cross(a: Vec3, b: Vec3): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function combine(a: Vec3, weightA: number, b: Vec3, weightB: number): Vec3 {
  return [weightA * a[0] + weightB * b[0], weightA * a[1] + weightB * b[1], weightA * a[2] + weightB * b[2]];
}

function subtractProjection(vector: Vec3, unit: Vec3): Vec3 {
  return combine(vector, 1, unit, -dot(vector, unit));
}
