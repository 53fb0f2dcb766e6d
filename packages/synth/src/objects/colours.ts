/** Red, green, blue in [0, 1], as a screen shows them. */
export type Colour = readonly [red: number, green: number, blue: number];

/** Writes `from` blended towards `to` by `t` in [0, 1]; `t` outside is clamped. */
export function blend(out: Float64Array, from: Colour, to: Colour, t: number): void {
  const weight = Math.min(1, Math.max(0, t));
  for (let c = 0; c < 3; c++) out[c] = from[c] + weight * (to[c] - from[c]);
}

/** Blends what `out` holds towards `to` by `t` in [0, 1]. */
export function cover(out: Float64Array, to: Colour, t: number): void {
  for (let c = 0; c < 3; c++) out[c] += t * (to[c] - out[c]);
}

/** Multiplies what `out` holds. */
export function dim(out: Float64Array, factor: number): void {
  for (let c = 0; c < 3; c++) out[c] *= factor;
}

/** Largest difference of a channel. */
export function contrast(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1]), Math.abs(a[2] - b[2]));
}
