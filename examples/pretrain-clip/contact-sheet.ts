import { createImage, type Image } from '@anomclip/core/image';
import type { Pair } from './drawing/draw-pair.js';

/** Pairs in rows of `perRow`: normal, anomalous, mask, each enlarged. */
export function contactSheet(pairs: readonly Pair[], side: number, perRow = 5, zoom = 2): Image {
  const cell = side * zoom;
  const sheet = createImage(Math.ceil(pairs.length / perRow) * cell, perRow * 3 * cell);
  const { data } = sheet;
  const width = perRow * 3 * cell;
  for (const [index, { normal, anomalous, mask }] of pairs.entries()) {
    const [top, left] = [Math.floor(index / perRow) * cell, (index % perRow) * 3 * cell];
    for (let row = 0; row < cell; row++) {
      for (let column = 0; column < cell; column++) {
        const pixel = Math.floor(row / zoom) * side + Math.floor(column / zoom);
        for (let c = 0; c < 3; c++) {
          const at = ((top + row) * width + left + column) * 3 + c;
          data[at] = normal[3 * pixel + c];
          data[at + 3 * cell] = anomalous[3 * pixel + c];
          data[at + 6 * cell] = 255 * mask[pixel];
        }
      }
    }
  }
  return sheet;
}
