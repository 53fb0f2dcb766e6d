import type { Correspondences } from './correspondences.js';

/** `pointad.md` 11.5 and 11.6: a 3 × 3 grid, cell i at pixel (i mod 3, ⌊i / 3⌋) in both of two views. */
export function ninePoints(): Correspondences {
  const visible = new Uint8Array(18);
  for (const i of [2, 6, 9 + 6]) visible[i] = 1;
  return {
    viewCount: 2,
    pointCount: 9,
    size: 3,
    pixels: Uint16Array.from({ length: 36 }, (_, i) => {
      const cell = (i >> 1) % 9;
      return i % 2 === 0 ? cell % 3 : Math.floor(cell / 3);
    }),
    visible,
    foreground: Uint8Array.of(0, 1, 1, 1, 1, 1, 1, 1, 0),
  };
}
