import type { Rng } from '@anomclip/core/random';
import type { Colour } from './colours.js';

/**
 * A procedural part as seen from above: a height and a colour for every place of the support.
 * The object frame has u and v in the support plane and w up, right-handed, in metres.
 */
export interface ObjectModel {
  /** Radius of a circle around the origin that contains the object, metres. */
  readonly reach: number;
  /** Upper bound of the heights, metres. */
  readonly top: number;
  /** Largest turn of the pose about w to either side, radians. */
  readonly turn: number;
  /** Strength of the highlight: 0 matt, 1 polished. */
  readonly gloss: number;
  /** Colour of the material below the surface, seen in cuts. */
  readonly flesh: Colour;
  /** Height of the surface above the support, metres; 0 or less where the object is not. */
  height(u: number, v: number): number;
  /** Writes the colour of the surface at (u, v), where its height is `w`, into `out` (3 values in [0, 1]). */
  paint(out: Float64Array, u: number, v: number, w: number): void;
}

/** Draws one part of a kind: the same kind with another `rng` differs as parts of one production do. */
export type ModelBuilder = (rng: Rng) => ObjectModel;
