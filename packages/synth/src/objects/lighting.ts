import type { Ray } from './ray-cast.js';

/** Light that comes from everywhere, as a share of all light. */
const ambient = 0.38;

/**
 * How bright a surface with these slopes looks along a ray, after Lambert and Blinn: writes the factors of its colour
 * under the light from everywhere and under the lamp, and the lamp's highlight to add.
 *
 * @param out - [everywhere, lamp, highlight].
 * @param light - Unit vector towards the lamp, object frame.
 * @param openness - Share of the surroundings' light that arrives, in (0, 1].
 */
export function illuminate(
  out: Float64Array,
  light: ArrayLike<number>,
  ray: Ray,
  slopeU: number,
  slopeV: number,
  openness: number,
): void {
  const normalLength = Math.sqrt(slopeU * slopeU + slopeV * slopeV + 1);
  const lambert = Math.max(0, (light[2] - slopeU * light[0] - slopeV * light[1]) / normalLength);
  const rayLength = Math.sqrt(ray.du * ray.du + ray.dv * ray.dv + ray.dw * ray.dw);
  const halfU = light[0] - ray.du / rayLength;
  const halfV = light[1] - ray.dv / rayLength;
  const halfW = light[2] - ray.dw / rayLength;
  const halfLength = Math.sqrt(halfU * halfU + halfV * halfV + halfW * halfW);
  const blinn = Math.max(0, (halfW - slopeU * halfU - slopeV * halfV) / (normalLength * halfLength));
  const blinn4 = blinn * blinn * blinn * blinn;
  const blinn16 = blinn4 * blinn4 * blinn4 * blinn4;
  // Hollows receive less from everywhere and, by shadows too small to be cast, from the lamp.
  const hollow = 0.4 + 0.6 * openness;
  out[0] = ambient * openness * hollow;
  out[1] = (1 - ambient) * lambert * hollow;
  out[2] = 0.5 * blinn16 * blinn16;
}

/** Cosine of the angle between the way back to the eye and the normal (−slopeU, −slopeV, 1). */
export function incidence({ du, dv, dw }: Ray, slopeU: number, slopeV: number): number {
  const squaredLengths = (slopeU * slopeU + slopeV * slopeV + 1) * (du * du + dv * dv + dw * dw);
  return (slopeU * du + slopeV * dv - dw) / Math.sqrt(squaredLengths);
}
