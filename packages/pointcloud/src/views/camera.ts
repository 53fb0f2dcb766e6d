import { ArgumentError, ShapeError } from '@anomclip/core';
import { checkCount, checkVec3, type Vec3 } from '../check-points.js';
import { composeRotations } from '../rotations.js';
import type { Xyz } from '../xyz.js';
import { type Box, boxTarget, unionOfBoxes } from './box.js';
import { checkPose, type Pose } from './pose.js';

/**
 * A pinhole camera without distortion. Pixel centres are at integers: pixel (column i, row j) covers
 * [i − 0.5, i + 0.5) × [j − 0.5, j + 0.5).
 */
export interface Camera {
  /** Pixels of the window, whole numbers ≥ 1. */
  readonly width: number;
  readonly height: number;
  /** Focal length in pixels, the same for both axes, > 0. */
  readonly focal: number;
  /** The principal point in pixels. */
  readonly centreX: number;
  readonly centreY: number;
  /** World to camera, 4 × 4, row-major, rigid. Camera frame: x right, y down, z forward. */
  readonly extrinsic: Float64Array;
  /** Depths between which things are drawn, 0 < near < far, in the unit of the cloud. */
  readonly near: number;
  readonly far: number;
}

/** More than any picture needs; a slip in the size must not exhaust the memory. */
const mostPixels = 2 ** 28;

/** The window of a camera. */
export interface WindowOptions {
  /** Columns of the window. @defaultValue 1024 */
  width?: number;
  /** Rows of the window. @defaultValue `width` */
  height?: number;
  /** Angle from the top to the bottom of the window, radians. @defaultValue π / 3 */
  fieldOfView?: number;
}

export interface FitCameraOptions extends WindowOptions {
  /** Distance to the box in multiples of that at which its longest side spans half the window. @defaultValue 0.7 */
  zoom?: number;
}

/**
 * The camera that Open3D's visualiser takes for what it draws (`pointad.md` 2.7): it looks along −z, up is +y, at the
 * centre m of the box, from m + (0, 0, d) with d = zoom · X / tan(fieldOfView / 2), X the longest side of the box. Near
 * plane 0.01 X, far plane d + 3 X.
 *
 * @param boxes - One box, or several for their union. A box of a single point has X = 1, and so has one without points,
 * which is about the origin.
 * @throws {@link ArgumentError} for a window, a field of view or a zoom that cannot be, or no boxes.
 */
export function fitCamera(boxes: Box | readonly Box[], options: FitCameraOptions = {}): Camera {
  const { zoom = 0.7 } = options;
  const list = 'low' in boxes ? [boxes] : boxes;
  if (list.length === 0) throw new ArgumentError('fitCamera: boxes', 'at least one box', list);
  if (!(zoom > 0 && zoom < Infinity)) throw new ArgumentError('fitCamera: zoom', 'a number above 0', zoom);
  const lens = lensOf('fitCamera', options);
  const { centre, extent } = boxTarget(unionOfBoxes(list));
  const distance = (zoom * extent) / lens.tangent;
  const [x, y, z] = centre;
  return {
    ...lens.window,
    extrinsic: Float64Array.of(1, 0, 0, -x, 0, -1, 0, y, 0, 0, -1, z + distance, 0, 0, 0, 1),
    near: 0.01 * extent,
    far: distance + 3 * extent,
  };
}

export interface LookAtOptions extends WindowOptions {
  /** What is upwards in the window. @defaultValue [0, 1, 0] */
  up?: Vec3;
  /** @defaultValue 0.01 times the distance to the target */
  near?: number;
  /** @defaultValue 100 times the distance to the target */
  far?: number;
}

/**
 * A camera at `eye` that looks at `target`, which it sees in the middle of the window.
 *
 * @throws {@link ArgumentError} when the eye is the target, `up` is along the line of sight, or a number cannot be.
 */
export function lookAt(eye: Vec3, target: Vec3, options: LookAtOptions = {}): Camera {
  const { up = [0, 1, 0] } = options;
  for (const [name, value] of Object.entries({ eye, target, up })) checkVec3('lookAt', name, value);
  const sight: Xyz = [target[0] - eye[0], target[1] - eye[1], target[2] - eye[2]];
  const distance = Math.hypot(...sight);
  const { near = 0.01 * distance, far = 100 * distance } = options;
  const right = cross(sight, up);
  if (!(Math.hypot(...right) > 0)) {
    throw new ArgumentError('lookAt', 'an eye away from its target, and an upward direction across', eye);
  }
  const down = cross(sight, right);
  const rows = [right, down, sight].map((axis) => {
    const length = Math.hypot(...axis);
    const [x, y, z] = axis.map((component) => component / length);
    return [x, y, z, -(x * eye[0] + y * eye[1] + z * eye[2])];
  });
  const extrinsic = Float64Array.from([...rows.flat(), 0, 0, 0, 1]);
  const camera = { ...lensOf('lookAt', options).window, extrinsic, near, far };
  checkCamera('lookAt', camera);
  return camera;
}

/** The camera that sees the cloud turned by `pose` about `centre` as `camera` sees it unturned. */
export function turnCamera(camera: Camera, pose: Pose, centre: Vec3): Camera {
  checkCamera('turnCamera', camera);
  checkPose('turnCamera', pose);
  checkVec3('turnCamera', 'centre', centre);
  const [a0, a1, a2, ax, b0, b1, b2, by, c0, c1, c2, cz] = camera.extrinsic;
  const inverse = transpose3(pose.rotation);
  const turned = composeRotations(Float64Array.of(a0, a1, a2, b0, b1, b2, c0, c1, c2), inverse);
  const extrinsic = new Float64Array(16);
  // The centre stays where it is, so both cameras must put it at the same place.
  const offset = [ax + a0 * centre[0] + a1 * centre[1] + a2 * centre[2]];
  offset.push(by + b0 * centre[0] + b1 * centre[1] + b2 * centre[2]);
  offset.push(cz + c0 * centre[0] + c1 * centre[1] + c2 * centre[2]);
  for (let row = 0; row < 3; row++) {
    const [x, y, z] = turned.subarray(3 * row, 3 * row + 3);
    extrinsic.set([x, y, z, offset[row] - (x * centre[0] + y * centre[1] + z * centre[2])], 4 * row);
  }
  extrinsic[15] = 1;
  return { ...camera, extrinsic };
}

/** [focal 0 centreX; 0 focal centreY; 0 0 1], row-major. */
export function intrinsicOf({ focal, centreX, centreY }: Camera): Float64Array {
  return Float64Array.of(focal, 0, centreX, 0, focal, centreY, 0, 0, 1);
}

/** Where the camera is in the world: −Rᵀ t. */
export function eyeOf({ extrinsic: e }: Camera): Xyz {
  return [
    -(e[0] * e[3] + e[4] * e[7] + e[8] * e[11]),
    -(e[1] * e[3] + e[5] * e[7] + e[9] * e[11]),
    -(e[2] * e[3] + e[6] * e[7] + e[10] * e[11]),
  ];
}

/**
 * @throws {@link ShapeError} unless the extrinsic is 4 × 4.
 * @throws {@link ArgumentError} unless all numbers of the camera are finite and possible.
 */
export function checkCamera(where: string, camera: Camera): void {
  const { width, height, focal, centreX, centreY, extrinsic, near, far } = camera;
  checkCount(where, 'width', width);
  checkCount(where, 'height', height);
  if (width * height > mostPixels) {
    throw new ArgumentError(`${where}: camera`, `at most ${mostPixels} pixels`, `${width} × ${height}`);
  }
  if (extrinsic.length !== 16)
    throw new ShapeError(`${where}: extrinsic`, '4 × 4 numbers', [extrinsic.length]);
  if (![focal, centreX, centreY, ...extrinsic].every(Number.isFinite) || !(focal > 0)) {
    throw new ArgumentError(`${where}: camera`, 'finite numbers and a focal length above 0', camera);
  }
  if (!(near > 0 && near < far)) {
    throw new ArgumentError(`${where}: camera`, '0 < near < far', `near ${near}, far ${far}`);
  }
}

function lensOf(where: string, options: WindowOptions) {
  const { width = 1024, height = width, fieldOfView = Math.PI / 3 } = options;
  checkCount(where, 'width', width);
  checkCount(where, 'height', height);
  if (!(fieldOfView > 0 && fieldOfView < Math.PI)) {
    throw new ArgumentError(`${where}: fieldOfView`, 'an angle between 0 and π', fieldOfView);
  }
  const tangent = Math.tan(fieldOfView / 2);
  const focal = height / 2 / tangent;
  return { tangent, window: { width, height, focal, centreX: width / 2 - 0.5, centreY: height / 2 - 0.5 } };
}

function cross(a: Xyz, b: Vec3): Xyz {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function transpose3([a, b, c, d, e, f, g, h, i]: Float64Array): Float64Array {
  return Float64Array.of(a, d, g, b, e, h, c, f, i);
}
