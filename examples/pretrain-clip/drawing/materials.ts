import type { Rng } from '@anomclip/core/random';
import { noiseField } from './noise-field.js';

/** Red, green, blue in 0…255. */
export type Colour = readonly [number, number, number];

/** Colours by the words of the captions. */
export const colours: Readonly<Record<string, Colour>> = {
  red: [190, 45, 40],
  green: [50, 145, 60],
  blue: [50, 80, 190],
  yellow: [220, 195, 50],
  orange: [225, 130, 40],
  brown: [130, 85, 50],
  white: [225, 225, 220],
  grey: [130, 130, 130],
  purple: [125, 60, 160],
  pink: [230, 140, 170],
  beige: [210, 185, 145],
  cyan: [60, 180, 190],
};
export const colourNames: readonly string[] = Object.keys(colours);

interface Material {
  /** Strength of highlights, in grey levels. */
  readonly gloss: number;
  /** What the colour is multiplied with, over the grid. */
  texture(rng: Rng, rows: number, columns: number): Float32Array;
}

/** Materials by the words of the captions. */
export const materials: Readonly<Record<string, Material>> = {
  metal: {
    gloss: 90,
    texture: (rng, rows, columns) => {
      const stripes = noiseField(rng, 2, columns, 100);
      const clouds = noiseField(rng, rows, columns, 5);
      return clouds.map((cloud, i) => 0.9 + 0.06 * stripes[i % columns] + 0.03 * cloud);
    },
  },
  plastic: {
    gloss: 50,
    texture: (rng, rows, columns) => noiseField(rng, rows, columns, 6).map((blotch) => 1 + 0.04 * blotch),
  },
  wooden: {
    gloss: 0,
    texture: (rng, rows, columns) => {
      const bend = noiseField(rng, rows, columns, 5);
      const rings = rng.uniform(18, 34);
      const offset = rng.uniform(0, 6);
      return bend.map((bent, i) => {
        const across = Math.floor(i / columns) / rows;
        return 0.88 + 0.14 * Math.sin(2 * Math.PI * (rings * across * 0.5) + 1.4 * bent + offset);
      });
    },
  },
  stone: {
    gloss: 0,
    texture: (rng, rows, columns) => {
      const fine = noiseField(rng, rows, columns, 90);
      return noiseField(rng, rows, columns, 14).map((coarse, i) => 0.92 + 0.08 * coarse + 0.08 * fine[i]);
    },
  },
  foam: {
    gloss: 0,
    texture: (rng, rows, columns) =>
      noiseField(rng, rows, columns, 60).map((pit) => 1 - 0.28 * Math.max(0, pit - 0.7)),
  },
  rubber: {
    gloss: 12,
    texture: (rng, rows, columns) => noiseField(rng, rows, columns, 40).map((grain) => 0.6 + 0.03 * grain),
  },
  food: {
    gloss: 0,
    texture: (rng, rows, columns) => {
      const spots = noiseField(rng, rows, columns, 30);
      const sign = rng.boolean() ? 1 : -1;
      return noiseField(rng, rows, columns, 9).map(
        (blotch, i) => 0.95 + 0.1 * blotch + sign * 0.16 * Math.max(0, spots[i] - 1),
      );
    },
  },
};
export const materialNames: readonly string[] = Object.keys(materials);
