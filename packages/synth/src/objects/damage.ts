import { ArgumentError } from '@anomclip/core';
import type { Rng } from '@anomclip/core/random';
import { type Colour, contrast } from './colours.js';
import { createNoise, fractal } from './noise.js';
import { overBlob, overPath } from './patch.js';
import { drawCentre, drawPath, surfaceNodes } from './placement.js';
import type { Relief } from './relief.js';

/** What can happen to an object, in alphabetical order. */
export const defectTypes = ['bulge', 'contamination', 'crack', 'cut', 'dent', 'hole', 'stain'] as const;

/** One of {@link defectTypes}. */
export type DefectType = (typeof defectTypes)[number];

export interface DamageOptions {
  /** How obvious the defect is: 0 barely visible, 1 obvious. */
  readonly severity: number;
  /** Colour below the surface, seen in cuts and holes. */
  readonly flesh: Colour;
}

/**
 * A copy of a relief with one defect at a random place of the object. Nodes out of the defect's reach keep their
 * bits. A stain changes no height.
 *
 * @throws {@link ArgumentError} when nothing of the object is high enough to hold a defect.
 */
export function damage(relief: Relief, type: DefectType, rng: Rng, options: DamageOptions): Relief {
  const damaged: Relief = {
    ...relief,
    heights: relief.heights.slice(),
    colours: relief.colours.slice(),
    openness: relief.openness.slice(),
  };
  const surface = surfaceNodes(relief);
  if (surface.length === 0) {
    throw new ArgumentError('damage', 'an object higher than 6.5 mm', 'one without such a place');
  }
  makers[type]({ relief: damaged, surface, rng, ...options });
  return damaged;
}

/** What a defect is made from; it changes the arrays of `relief` in place. */
interface Site extends DamageOptions {
  readonly relief: Relief;
  readonly surface: Uint32Array;
  readonly rng: Rng;
}

const makers: Readonly<Record<DefectType, (site: Site) => void>> = {
  bulge: (site) => swell(site, 1),
  contamination,
  crack,
  cut,
  dent: (site) => swell(site, -1),
  hole,
  stain,
};

/** Smooth rise (+1) or fall (−1) of 0.6 to 4 mm over a radius of 4 to 10 mm. */
function swell({ relief, surface, rng, severity }: Site, sign: 1 | -1): void {
  const amount = sign * (0.0006 + 0.0034 * severity);
  const radius = 0.004 + 0.006 * (0.6 * severity + 0.4 * rng.uniform());
  const centre = drawCentre(relief, surface, 0.8 * radius, rng);
  const { heights } = relief;
  overBlob(relief, { centre, radius, ragged: 0.12, rng }, (node, rho) => {
    const flat = 1 - rho * rho * rho * rho;
    // A dent never pierces: a third of the thickness stays.
    heights[node] = Math.max(heights[node] + amount * flat * flat, heights[node] / 3);
  });
}

/** The material is gone down to the support. */
function hole({ relief, surface, rng, severity, flesh }: Site): void {
  const radius = (0.0022 + 0.0035 * severity) * rng.uniform(0.9, 1.1);
  const centre = drawCentre(relief, surface, radius, rng);
  overBlob(relief, { centre, radius, ragged: 0.25, rng }, (node) => {
    relief.heights[node] = 0;
    relief.openness[node] = 0.5;
    relief.colours.set(flesh, 3 * node); // of the walls
  });
}

/** A jagged dark line, deepest in the middle. */
function crack({ relief, surface, rng, severity }: Site): void {
  const length = (0.012 + 0.022 * severity) * rng.uniform(0.9, 1.1);
  const halfWidth = (0.00045 + 0.0004 * severity) * rng.uniform(0.9, 1.1);
  const depth = 0.0015 + 0.0025 * severity;
  const path = drawPath(relief, surface, { length, bends: 7, jitter: 0.11 }, rng);
  overPath(relief, path, halfWidth, (node, across, along) => {
    const fromMiddle = (2 * along - 1) * (2 * along - 1);
    const open = (1 - across) * (1 - fromMiddle * fromMiddle);
    relief.heights[node] = Math.max(thinnest, relief.heights[node] - depth * Math.sqrt(open));
    darken(relief, node, 0.9 - 0.15 * severity - (0.3 + 0.15 * severity) * open);
    relief.openness[node] *= 1 - 0.4 * open;
  });
}

/** A straight groove with steep sides that lays the inside bare. */
function cut({ relief, surface, rng, severity, flesh }: Site): void {
  const length = (0.012 + 0.022 * severity) * rng.uniform(0.9, 1.1);
  const halfWidth = (0.0006 + 0.0006 * severity) * rng.uniform(0.9, 1.1);
  const depth = 0.002 + 0.003 * severity;
  const path = drawPath(relief, surface, { length, bends: 1, jitter: 0 }, rng);
  overPath(relief, path, halfWidth, (node, across, along) => {
    const open = Math.min(1, 2.5 * (1 - across)) * Math.min(1, 0.2 + 8 * along * (1 - along));
    relief.heights[node] = Math.max(thinnest, relief.heights[node] - depth * open);
    dye(relief, node, flesh, 0.85);
    relief.openness[node] *= 1 - 0.3 * open;
  });
}

/** A flat lump of something else. */
function contamination({ relief, surface, rng, severity }: Site): void {
  const radius = (0.003 + 0.004 * severity) * rng.uniform(0.9, 1.1);
  const thickness = (0.0003 + 0.0019 * severity) * rng.uniform(0.9, 1.1);
  const centre = drawCentre(relief, surface, radius, rng);
  const colour = foreignColour(relief, centre, rng);
  const lumps = fractal(createNoise(rng.fork('lumps')), 2);
  overBlob(relief, { centre, radius, ragged: 0.35, rng }, (node, rho, x, y) => {
    const lump = lumps(x / 0.0025, y / 0.0025);
    relief.heights[node] += thickness * (0.2 + 0.8 * Math.sqrt(1 - rho)) * (1 + 0.35 * lump);
    dye(relief, node, colour, 0.6 + 0.4 * severity);
    darken(relief, node, 1 + 0.2 * lump);
  });
}

/** A patch of another colour that soaked in; it has a visible edge, as dried liquids do. */
function stain({ relief, surface, rng, severity }: Site): void {
  const radius = (0.0035 + 0.0055 * severity) * rng.uniform(0.9, 1.1);
  const strength = 0.2 + 0.55 * severity;
  const centre = drawCentre(relief, surface, radius, rng);
  const colour = foreignColour(relief, centre, rng);
  overBlob(relief, { centre, radius, ragged: 0.4, rng }, (node, rho) => {
    dye(relief, node, colour, strength * (1 - 0.45 * rho * rho));
  });
}

/** What a crack or cut leaves of the thickness at least, metres: only holes go through. */
const thinnest = 0.0003;

/** Dirt, ink, paint, mould, chalk. */
const foreignColours: readonly Colour[] = [
  [0.12, 0.1, 0.09],
  [0.15, 0.25, 0.6],
  [0.7, 0.13, 0.12],
  [0.2, 0.45, 0.2],
  [0.92, 0.9, 0.85],
];

/** A foreign colour that stands out from the surface at a node; black or white always does. */
function foreignColour({ colours }: Relief, node: number, rng: Rng): Colour {
  const surface = colours.subarray(3 * node, 3 * node + 3);
  const visible = foreignColours.filter((colour) => contrast(colour, surface) > 0.35);
  return visible[rng.integer(0, visible.length)];
}

function dye({ colours }: Relief, node: number, towards: Colour, t: number): void {
  for (let c = 0; c < 3; c++) colours[3 * node + c] += t * (towards[c] - colours[3 * node + c]);
}

function darken({ colours }: Relief, node: number, factor: number): void {
  for (let c = 3 * node; c < 3 * node + 3; c++) colours[c] *= factor;
}
