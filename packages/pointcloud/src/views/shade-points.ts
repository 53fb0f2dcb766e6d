import { ArgumentError, ShapeError } from '@anomclip/core';
import { type Coordinates, checkNormals, countPoints } from '../check-points.js';
import type { Lighting } from './lighting.js';

/** The grey of points that have no colour of their own, of 0 (black) to 1 (white). */
export type Grey = number;

/**
 * The colour of every point under the lights, seen from the eye (`pointad.md` 2.7), with the normal n turned to the eye:
 * base · (ambient + Σ diffuse · max(0, n·l)) + Σ specular · max(0, e·r)^shininess, clamped to [0, 1] and rounded to 8 bits.
 * Neither the sign of a normal nor which side of a surface is seen matters. Highlights are not gated by n·l, so lights
 * behind the surface give bright rims.
 *
 * @param positions - xyz triples in the world, length 3·N.
 * @param normals - Unit normals, length 3·N.
 * @param base - One grey for all points, or red, green, blue of every point, length 3·N.
 * @returns Greys [N] for a grey, else colours [3·N].
 * @throws {@link ShapeError} when the arrays disagree, {@link ArgumentError} for numbers that are not finite.
 */
export function shadePoints(
  positions: Coordinates,
  normals: Coordinates,
  lighting: Lighting,
  base: Grey | Uint8Array = 0.7,
): Uint8Array {
  const count = countPoints('shadePoints', positions);
  checkNormals('shadePoints', positions, normals);
  checkBase(base, positions.length);
  const { eye, lights, ambient, shininess } = lighting;
  const lightCount = lights.length;
  const numbers = Float64Array.from(
    lights.flatMap(({ position, diffuse, specular }) => [...position, diffuse, specular]),
  );
  // Below this cosine a highlight is lost in the last bit of a double, and the power need not be computed.
  const shineFrom = Math.exp(-37 / shininess);
  const grey = typeof base === 'number';
  const shaded = new Uint8Array(grey ? count : positions.length);
  for (let i = 0, at = 0; i < count; i++, at += 3) {
    const px = positions[at];
    const py = positions[at + 1];
    const pz = positions[at + 2];
    let nx = normals[at];
    let ny = normals[at + 1];
    let nz = normals[at + 2];
    const vx = eye[0] - px;
    const vy = eye[1] - py;
    const vz = eye[2] - pz;
    const toEye = nx * vx + ny * vy + nz * vz;
    if (toEye < 0) {
      nx = -nx;
      ny = -ny;
      nz = -nz;
    }
    const eyeDistance = Math.sqrt(vx * vx + vy * vy + vz * vz);
    const nv = Math.abs(toEye) / eyeDistance;
    let matt = ambient;
    let shine = 0;
    for (let light = 0, k = 0; light < lightCount; light++, k += 5) {
      const lx = numbers[k] - px;
      const ly = numbers[k + 1] - py;
      const lz = numbers[k + 2] - pz;
      const distance = Math.sqrt(lx * lx + ly * ly + lz * lz);
      const nl = (nx * lx + ny * ly + nz * lz) / distance;
      if (nl > 0) matt += numbers[k + 3] * Math.min(1, nl);
      // e · r with r = 2 (n · l) n − l
      const er = 2 * nl * nv - (vx * lx + vy * ly + vz * lz) / (eyeDistance * distance);
      if (er > shineFrom) shine += numbers[k + 4] * Math.min(1, er) ** shininess;
    }
    if (grey) shaded[i] = to8Bits(base * matt + shine);
    else for (let c = at; c < at + 3; c++) shaded[c] = to8Bits((base[c] / 255) * matt + shine);
  }
  return shaded;
}

function to8Bits(value: number): number {
  // Also what has no direction to the eye or to a light, and so no brightness, is black.
  return value > 0 ? Math.round(255 * Math.min(1, value)) : 0;
}

function checkBase(base: Grey | Uint8Array, length: number): void {
  if (typeof base !== 'number') {
    if (base.length !== length)
      throw new ShapeError('shadePoints: base', `a grey, or colours [${length}]`, [base.length]);
  } else if (!(base >= 0 && base <= 1)) {
    throw new ArgumentError('shadePoints: base', 'a grey from 0 to 1', base);
  }
}
