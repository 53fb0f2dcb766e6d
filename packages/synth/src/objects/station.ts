import { type BackgroundBuilder, backgrounds } from './backgrounds.js';
import type { Vec3 } from './camera.js';
import type { ObjectCategory } from './categories.js';
import type { Colour } from './colours.js';

/** Where parts of one kind are inspected: what stays the same from scan to scan, and how far the rest varies. */
export interface Station {
  readonly background: BackgroundBuilder;
  readonly lamp: Lamp;
  /** Colour of the light from everywhere, [1, 1, 1] for white. */
  readonly surroundings: Colour;
  readonly lens: Lens;
  /** How far parts differ in brightness, as a share; hues differ by a third of it. */
  readonly tone: number;
  /** How strong harmless smudges and specks are on every part, as a share of the brightness. */
  readonly wear: number;
}

export interface Lamp {
  /** Its direction from the support's middle, camera frame (z away from the camera), any length. */
  readonly towards: Vec3;
  /** Largest deviation of each component of `towards` from scan to scan. */
  readonly spread: number;
  /** Metres from the support's middle; infinite for parallel light. */
  readonly distance: number;
  /** Half the side of the square that shines, metres. Null: nothing casts a shadow. */
  readonly halfSide: number | null;
  readonly colour: Colour;
}

/** The colour camera. */
export interface Lens {
  /** Standard deviation of the blur as a share of the shorter image side. */
  readonly blur: number;
  /** Share of the light that is lost in the corners, in [0, 1). */
  readonly vignetting: number;
  /** Largest deviation of the exposure from 1. */
  readonly exposureSpread: number;
  /** Standard deviation of the noise of a black pixel, grey levels. */
  readonly readNoise: number;
  /** Standard deviation that the light itself adds to a white pixel, grey levels. */
  readonly shotNoise: number;
  /** Noise of its own that every channel has, as a share of the pixel's noise. */
  readonly chroma: number;
}

/** White parallel light without cast shadows on a plain table, an ideal lens, identical materials. */
export const plainStation: Station = {
  background: backgrounds.plain,
  lamp: {
    towards: [-0.45, -0.5, -1],
    spread: 0.1,
    distance: Number.POSITIVE_INFINITY,
    halfSide: null,
    colour: [1, 1, 1],
  },
  surroundings: [1, 1, 1],
  lens: { blur: 0, vignetting: 0, exposureSpread: 0, readNoise: 1.2, shotNoise: 0, chroma: 0 },
  tone: 0,
  wear: 0,
};

/** Colours of light. */
const warm: Colour = [1.08, 1, 0.88];
const neutral: Colour = [1.02, 1, 0.97];
const cold: Colour = [0.92, 0.99, 1.07];

/**
 * The station of every category in the offline benchmark: a structured background, a close lamp of some colour with
 * soft shadows, a lens that blurs and darkens the corners, noise of colour. No two are the same.
 */
export const stations: Readonly<Record<ObjectCategory, Station>> = {
  bread_roll: station('steel', [0.5, -0.45], [warm, cold], 0.15),
  coaster: station('cloth', [-0.7, 0.2], [neutral, warm], 0.25),
  corn_cob: station('belt', [-0.2, 0.75], [cold, neutral], 0.25),
  drain_cover: station('bench', [0.6, 0.4], [neutral, cold], 0.3),
  gasket: station('mat', [0.35, 0.6], [warm, neutral], 0.25),
  heat_sink: station('cardboard', [-0.6, -0.5], [cold, warm], 0.15),
  pretzel: station('tiles', [0.1, -0.7], [warm, neutral], 0.3),
  soap_bar: station('belt', [0.7, -0.1], [cold, neutral], 0.25),
  sponge: station('steel', [-0.5, 0.5], [neutral, warm], 0.25),
  tool_handle: station('mat', [0.4, 0.55], [neutral, cold], 0.3),
};

function station(
  background: keyof typeof backgrounds,
  [x, y]: readonly [number, number],
  [colour, surroundings]: readonly [Colour, Colour],
  vignetting: number,
): Station {
  return {
    background: backgrounds[background],
    lamp: { towards: [x, y, -1], spread: 0.15, distance: 0.6, halfSide: 0.03, colour },
    surroundings,
    lens: { blur: 0.0025, vignetting, exposureSpread: 0.08, readNoise: 1.5, shotNoise: 2.5, chroma: 0.6 },
    tone: 0.06,
    wear: 0.04,
  };
}
