import type { Rng } from '@anomclip/core/random';
import { cosSinOfTurns } from '@anomclip/core/random';
import { polylineDistance } from '../objects/planar.js';

/** Geometric defects of a surface. */
export const cloudDefectKinds = ['bulge', 'crack', 'cut', 'dent', 'hole'] as const;

/** One of {@link cloudDefectKinds}. */
export type CloudDefectKind = (typeof cloudDefectKinds)[number];

/**
 * How far the surface moves outwards at a place of the tangent plane around the defect's centre, as a share of its
 * depth: in [−1, 1], 0 outside the unit circle. All lengths are in radii.
 */
export type Profile = (u: number, v: number) => number;

/** The depth or height of each kind, in radii. */
export const defaultDepths: Readonly<Record<CloudDefectKind, number>> = {
  bulge: 0.75,
  crack: 0.4,
  cut: 0.5,
  dent: 0.5,
  hole: 0.8,
};

/** Draws the shape of a defect. Its centre always moves. */
export function drawProfile(kind: CloudDefectKind, rng: Rng): Profile {
  return profiles[kind](rng);
}

const profiles: Readonly<Record<CloudDefectKind, (rng: Rng) => Profile>> = {
  /** A paraboloid put onto the surface. */
  bulge: () => (u, v) => Math.max(0, 1 - (u * u + v * v)),
  /** A jagged line, deepest in the middle. */
  crack: (rng) =>
    alongPath(drawPath(rng, 7, 0.14), 0.07, (across, along) => {
      const fromMiddle = (2 * along - 1) * (2 * along - 1);
      return -Math.sqrt((1 - across) * (1 - fromMiddle * fromMiddle));
    }),
  /** A straight groove with steep sides and a flat bottom. */
  cut: (rng) =>
    alongPath(drawPath(rng, 1, 0), 0.1, (across, along) => {
      return -Math.min(1, 2.5 * (1 - across)) * Math.min(1, 8 * along * (1 - along));
    }),
  /** Smooth, flat at the rim. */
  dent: () => (u, v) => {
    const inside = Math.max(0, 1 - (u * u + v * v));
    return -inside * inside;
  },
  /** Drilled part of the way: a flat bottom, and a wall that slopes over the outer fifth of the radius. */
  hole: () => (u, v) => -Math.min(1, 5 * Math.max(0, 1 - Math.sqrt(u * u + v * v))),
};

/** A diameter of the unit circle in a random direction, through its centre; `jitter` bends it to the sides. */
function drawPath(rng: Rng, bends: number, jitter: number): number[] {
  const [cos, sin] = cosSinOfTurns(rng.uniform());
  const path: number[] = [];
  for (let node = 0; node <= bends + 1; node++) {
    const along = 0.96 * ((2 * node) / (bends + 1) - 1);
    // An odd number of bends has one in the middle, which stays where the centre is; the ends stay inside the circle.
    const free = node > 0 && node <= bends && 2 * node !== bends + 1;
    const aside = free && jitter > 0 ? rng.uniform(-jitter, jitter) : 0;
    path.push(along * cos - aside * sin, along * sin + aside * cos);
  }
  return path;
}

function alongPath(
  path: readonly number[],
  halfWidth: number,
  depth: (across: number, along: number) => number,
): Profile {
  const last = path.length - 2;
  const [spanU, spanV] = [path[last] - path[0], path[last + 1] - path[1]];
  const squaredSpan = spanU * spanU + spanV * spanV;
  return (u, v) => {
    const distance = polylineDistance(u, v, path);
    if (distance >= halfWidth) return 0;
    const along = ((u - path[0]) * spanU + (v - path[1]) * spanV) / squaredSpan;
    return depth(distance / halfWidth, Math.min(1, Math.max(0, along)));
  };
}
