import type { Rng } from '@anomclip/core/random';

/** A part as a height field over (u, v), which reaches from about −1 to 1 in both. */
interface Shape {
  /** Positive inside the outline, roughly the distance to it. */
  distance(u: number, v: number): number;
  /** Height above the ground at a place inside, with the distance there. */
  height(distance: number, u: number, v: number): number;
}

/** Makes one part of a category: its measures are random. */
export type ShapeFamily = (rng: Rng) => Shape;

/** A flat part with a rounded edge: H √(d / b), at most H. */
export function bevelled(rng: Rng): (distance: number) => number {
  const height = rng.uniform(0.12, 0.35);
  const bevel = rng.uniform(0.08, 0.2);
  return (distance) => height * Math.sqrt(Math.min(1, distance / bevel));
}

/** A profile that is half a circle over the whole width, squeezed or stretched. */
export function rounded(rng: Rng, halfWidth: number): (distance: number) => number {
  const height = rng.uniform(0.6, 1.2) * halfWidth;
  return (distance) => {
    const out = 1 - Math.min(1, distance / halfWidth);
    return height * Math.sqrt(1 - out * out);
  };
}

/** Distance inside a box around (x, y), negative outside. */
export function box(u: number, v: number, halfWidth: number, halfHeight: number, x = 0, y = 0): number {
  return Math.min(halfWidth - Math.abs(u - x), halfHeight - Math.abs(v - y));
}

/** Distance inside a circle around (x, y). */
export function circle(u: number, v: number, radius: number, x = 0, y = 0): number {
  const du = u - x;
  const dv = v - y;
  return radius - Math.sqrt(du * du + dv * dv);
}

/** Distance inside a regular polygon with `sides` sides whose inner circle has `radius`. */
export function polygon(u: number, v: number, sides: number, radius: number): number {
  let distance = Number.POSITIVE_INFINITY;
  for (let side = 0; side < sides; side++) {
    const angle = (2 * Math.PI * side) / sides;
    distance = Math.min(distance, radius - u * Math.cos(angle) - v * Math.sin(angle));
  }
  return distance;
}

/** Distance to the segment from (x0, y0) to (x1, y1). */
export function toSegment(u: number, v: number, x0: number, y0: number, x1: number, y1: number): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const along = ((u - x0) * dx + (v - y0) * dy) / (dx * dx + dy * dy);
  const t = Math.min(1, Math.max(0, along));
  return Math.sqrt((u - x0 - t * dx) ** 2 + (v - y0 - t * dy) ** 2);
}

/** A maximum without an edge where both are equal, `width` wide. */
export function smoothMaximum(a: number, b: number, width: number): number {
  const t = Math.max(0, width - Math.abs(a - b)) / width;
  return Math.max(a, b) + (t * t * width) / 4;
}
