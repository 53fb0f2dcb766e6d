import { ArgumentError } from '@anomclip/core';
import { checkChoice, checkCount } from '../check-points.js';
import { composeRotations, rotationX, rotationXyz, rotationY, rotationZ, viewGrid } from '../rotations.js';
import type { Pose } from './pose.js';

/**
 * The poses a cloud is rendered in (`pointad.md` 2.7, `clip3d-ad.md` 4.1):
 *
 * - `circularX`: turns about x by (k − (K − 1) / 2) · 2π / (K + 1), k = 0…K − 1, of PointAD.
 * - `tiltMvtec9`: about x by −45°, −15°, 0°, 15°, 45°, then about y by −30°, −15°, 15°, 30°.
 * - `tiltEyecandies9`: about x by −30°, −15°, 0°, 10°, 20°, then about y by −30°, −15°, 15°, 30°.
 * - `grid27`: all triples of 0°, −15°, 15° about x, y and z, x in the outermost loop, of CPMF and CLIP3D-AD.
 */
export type ViewSchedule = 'circularX' | 'tiltMvtec9' | 'tiltEyecandies9' | 'grid27';

export interface ViewPosesOptions {
  /** @defaultValue 'circularX' */
  schedule?: ViewSchedule;
  /** Views of `circularX`, K ≥ 1; the other schedules have their own number. @defaultValue 9 */
  count?: number;
  /** Radians added to every angle. @defaultValue 0 */
  angleShift?: number;
  /**
   * How `grid27` makes a matrix of its angles a, b, g. `'xyz'`: Rx(a) Ry(b) Rz(g), as the renderer of CPMF does.
   * `'paper'`: Rz(−a) Ry(b) Rx(−g), as CLIP3D-AD prints it (Eq. 1).
   * @defaultValue 'xyz'
   */
  convention?: 'xyz' | 'paper';
}

/**
 * The poses of a schedule, in its order.
 *
 * @throws {@link ArgumentError} for an unknown schedule or convention, or a number of views that the schedule has not.
 */
export function viewPoses(options: ViewPosesOptions = {}): Pose[] {
  const { schedule = 'circularX', angleShift = 0, convention = 'xyz' } = options;
  checkChoice('viewPoses', 'schedule', schedule, ['circularX', 'tiltMvtec9', 'tiltEyecandies9', 'grid27']);
  checkChoice('viewPoses', 'convention', convention, ['xyz', 'paper']);
  if (!Number.isFinite(angleShift)) {
    throw new ArgumentError('viewPoses: angleShift', 'a finite number of radians', angleShift);
  }
  const rotations = rotationsOf(schedule, options.count, angleShift, convention);
  if (schedule !== 'circularX' && options.count !== undefined && options.count !== rotations.length) {
    throw new ArgumentError(
      'viewPoses: count',
      `${rotations.length} views, as ${schedule} has`,
      options.count,
    );
  }
  return rotations.map((rotation) => ({ rotation }));
}

export interface ClassPosesOptions {
  /** The poses of every class without its own: a schedule or a list. @defaultValue `circularX` with nine views */
  views?: ViewPosesOptions | readonly Pose[];
  /** Classes that are seen otherwise, such as flat ones that lose their surface in some poses. @defaultValue {} */
  perClass?: Readonly<Record<string, ViewPosesOptions | readonly Pose[]>>;
}

/** The poses of a class: its own where it has some, else those of all classes. */
export function viewPosesOfClass(className: string, options: ClassPosesOptions = {}): readonly Pose[] {
  const { views = {}, perClass = {} } = options;
  const choice = Object.hasOwn(perClass, className) ? perClass[className] : views;
  return isList(choice) ? choice : viewPoses(choice);
}

function rotationsOf(
  schedule: ViewSchedule,
  count: number | undefined,
  shift: number,
  convention: 'xyz' | 'paper',
): Float64Array[] {
  switch (schedule) {
    case 'circularX':
      return circle(count ?? 9).map((angle) => rotationX(angle + shift));
    case 'tiltMvtec9':
      return tilts([-45, -15, 0, 15, 45], [-30, -15, 15, 30], shift);
    case 'tiltEyecandies9':
      return tilts([-30, -15, 0, 10, 20], [-30, -15, 15, 30], shift);
    case 'grid27': {
      const rotation = convention === 'xyz' ? rotationXyz : rotationAsPrinted;
      return viewGrid().map(([x, y, z]) => rotation(x + shift, y + shift, z + shift));
    }
  }
}

function circle(count: number): number[] {
  checkCount('viewPoses', 'count', count);
  return Array.from({ length: count }, (_, k) => ((k - (count - 1) / 2) * 2 * Math.PI) / (count + 1));
}

function tilts(aboutX: readonly number[], aboutY: readonly number[], shift: number): Float64Array[] {
  const radians = (degrees: number) => (degrees * Math.PI) / 180 + shift;
  return [...aboutX.map((a) => rotationX(radians(a))), ...aboutY.map((b) => rotationY(radians(b)))];
}

function rotationAsPrinted(x: number, y: number, z: number): Float64Array {
  return composeRotations(composeRotations(rotationZ(-x), rotationY(y)), rotationX(-z));
}

function isList(choice: ViewPosesOptions | readonly Pose[]): choice is readonly Pose[] {
  return Array.isArray(choice);
}
