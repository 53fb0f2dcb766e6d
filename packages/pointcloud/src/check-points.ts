import { ArgumentError, ShapeError } from '@anomclip/core';

/** xyz triples, length 3·N, in the unit of the cloud. Float32 is what scans are stored in; Float64 is taken as it is. */
export type Coordinates = Float32Array | Float64Array;

/**
 * Number of points in `points`.
 *
 * @throws {@link ShapeError} when the length is no multiple of 3.
 * @throws {@link ArgumentError} when a coordinate is not finite: NaN would silently fall out of every comparison.
 */
export function countPoints(where: string, points: Coordinates): number {
  if (points.length % 3 !== 0) throw new ShapeError(where, 'xyz triples [3·N]', [points.length]);
  for (let i = 0; i < points.length; i++) {
    if (!Number.isFinite(points[i])) {
      throw new ArgumentError(
        where,
        `finite coordinates, but point ${Math.floor(i / 3)} has one that is not`,
        points[i],
        'drop missing points first, see toUnorganised()',
      );
    }
  }
  return points.length / 3;
}

/**
 * @throws {@link ShapeError} when `normals` does not hold one triple per point.
 * @throws {@link ArgumentError} when a component is not finite.
 */
export function checkNormals(where: string, points: Coordinates, normals: Coordinates): void {
  if (normals.length !== points.length) {
    throw new ShapeError(where, `one normal per point [${points.length}]`, [normals.length]);
  }
  countPoints(`${where}: normals`, normals);
}

/** xyz: an array, a tuple or a typed array of three numbers. */
export type Vec3 = ArrayLike<number>;

/** @throws {@link ArgumentError} unless `value` is three finite numbers. */
export function checkVec3(where: string, name: string, value: Vec3): void {
  if (value.length !== 3 || ![0, 1, 2].every((axis) => Number.isFinite(value[axis]))) {
    throw new ArgumentError(where, `${name} to be three finite numbers`, value);
  }
}

/** @throws {@link ArgumentError} unless `value` is an integer of at least `minimum`. */
export function checkCount(where: string, name: string, value: number, minimum = 1): void {
  if (!Number.isInteger(value) || value < minimum) {
    throw new ArgumentError(where, `${name} to be an integer of at least ${minimum}`, value);
  }
}

/** @throws {@link ArgumentError} unless `value` is positive. Infinity means no limit and is fine. */
export function checkRadius(where: string, value: number): void {
  if (!(value > 0)) throw new ArgumentError(where, 'a radius above 0, in the unit of the cloud', value);
}

/** @throws {@link ArgumentError} unless `value` is one of `choices`. */
export function checkChoice<T extends string>(
  where: string,
  name: string,
  value: T,
  choices: readonly T[],
): void {
  if (!choices.includes(value))
    throw new ArgumentError(where, `${name} to be ${choices.join(' or ')}`, value);
}
