import { heightAt, type Relief } from './relief.js';

/** A ray in the object frame; its points are origin + s · direction. */
export interface Ray {
  u: number;
  v: number;
  w: number;
  du: number;
  dv: number;
  dw: number;
}

/** A rectangle of the support plane, metres. */
export interface Box {
  readonly minU: number;
  readonly maxU: number;
  readonly minV: number;
  readonly maxV: number;
}

/** Bisections of the last step: a step of 1 cm ends at 2 µm, small enough to call the rest straight. */
const bisections = 12;

/** A ray less than 1 nm deep has not hit yet: the support itself costs no bisection. */
const touching = -1e-9;

/**
 * Where a ray from above (`dw` < 0) first meets the relief or the support plane w = 0, as its parameter s.
 *
 * Until the last 2 µm only the signs of height differences decide, so a relief that differs in places that the ray
 * does not meet gives the same bits.
 */
export function firstHit(relief: Relief, ray: Ray): number {
  const floor = -ray.w / ray.dw;
  const entry = (relief.ceiling - ray.w) / ray.dw;
  if (passesBeside(relief.bounds, 0, ray, entry, floor)) return floor;
  const sideways = (floor - entry) * Math.max(Math.abs(ray.du), Math.abs(ray.dv));
  const steps = Math.max(4, Math.ceil(sideways / relief.pitch));
  let above = entry;
  for (let step = 1; step <= steps; step++) {
    const s = entry + ((floor - entry) * step) / steps;
    if (clearance(relief, ray, s) > touching) {
      above = s;
      continue;
    }
    let below = s;
    for (let k = 0; k < bisections; k++) {
      const middle = (above + below) / 2;
      if (clearance(relief, ray, middle) > touching) above = middle;
      else below = middle;
    }
    const over = clearance(relief, ray, above);
    const under = clearance(relief, ray, below);
    return Math.min(floor, above + ((below - above) * over) / (over - under));
  }
  return floor;
}

/**
 * Whether nothing of the relief stands between a point and one above the ceiling; both [u, v, w]. Looked for every
 * `step` metres sideways.
 */
export function sees(
  relief: Relief,
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  step = relief.pitch,
): boolean {
  const du = to[0] - from[0];
  const dv = to[1] - from[1];
  const dw = to[2] - from[2];
  const exit = Math.min(1, (relief.ceiling - from[2]) / dw);
  const steps = Math.ceil((exit * Math.max(Math.abs(du), Math.abs(dv))) / step);
  for (let k = 1; k < steps; k++) {
    const s = (exit * k) / steps;
    if (heightAt(relief, from[0] + s * du, from[1] + s * dv) > from[2] + s * dw) return false;
  }
  return true;
}

/** Whether the ray between two parameters stays on one outer side of the box widened by `margin`. */
export function passesBeside(box: Box, margin: number, ray: Ray, from: number, to: number): boolean {
  const u0 = ray.u + from * ray.du;
  const u1 = ray.u + to * ray.du;
  const v0 = ray.v + from * ray.dv;
  const v1 = ray.v + to * ray.dv;
  return (
    Math.min(u0, u1) > box.maxU + margin ||
    Math.max(u0, u1) < box.minU - margin ||
    Math.min(v0, v1) > box.maxV + margin ||
    Math.max(v0, v1) < box.minV - margin
  );
}

/** How far the ray is above the relief. */
function clearance(relief: Relief, ray: Ray, s: number): number {
  return ray.w + s * ray.dw - heightAt(relief, ray.u + s * ray.du, ray.v + s * ray.dv);
}
