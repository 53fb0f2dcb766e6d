import { ArgumentError } from '@anomclip/core';
import type { Xyz } from '../xyz.js';
import { type Box, boxTarget } from './box.js';
import { type Camera, eyeOf } from './camera.js';

/** White lights, and the eye that sees what they light. */
export interface Lighting {
  /** Where the camera is. */
  readonly eye: Xyz;
  readonly lights: readonly Light[];
  /** Light from everywhere, as a factor of the surface's colour. */
  readonly ambient: number;
  /** Exponent of the highlights. */
  readonly shininess: number;
}

/** A point light in the world. */
export interface Light {
  readonly position: Xyz;
  /** Brightness of a matt surface that faces it, as a factor of its colour. */
  readonly diffuse: number;
  /** Brightness of its highlight. */
  readonly specular: number;
}

export interface ViewerLightingOptions {
  /** Diffuse power of each of the four lights. @defaultValue 0.66 */
  diffuse?: number;
  /** Specular power of each of the four lights. @defaultValue 0.2 */
  specular?: number;
  /** @defaultValue 100 */
  shininess?: number;
  /** @defaultValue 0 */
  ambient?: number;
  /** From the centre of the box to the lights, in longest sides of the box. @defaultValue 2 */
  distance?: number;
}

/**
 * The four lights of Open3D's visualiser (`pointad.md` 2.7): two at m + 2X towards the camera and two at m + 2X away from
 * it, m the centre and X the longest side of the box that the camera was fitted to.
 *
 * @throws {@link ArgumentError} for a negative or infinite number.
 */
export function viewerLighting(camera: Camera, box: Box, options: ViewerLightingOptions = {}): Lighting {
  const { diffuse = 0.66, specular = 0.2, shininess = 100, ambient = 0, distance = 2 } = options;
  for (const [name, value] of Object.entries({ diffuse, specular, shininess, ambient, distance })) {
    if (!(value >= 0 && value < Infinity))
      throw new ArgumentError(`viewerLighting: ${name}`, 'a number ≥ 0', value);
  }
  const { centre, extent } = boxTarget(box);
  const at = (sign: number): Xyz => {
    const along = sign * distance * extent; // towards the camera, which looks along row 2
    const [x, y, z] = camera.extrinsic.subarray(8, 11);
    return [centre[0] - along * x, centre[1] - along * y, centre[2] - along * z];
  };
  // Two lights at one place are one of twice the power.
  const power = { diffuse: 2 * diffuse, specular: 2 * specular };
  const lights = [
    { position: at(1), ...power },
    { position: at(-1), ...power },
  ];
  return { eye: eyeOf(camera), lights, ambient, shininess };
}
