import { type AnomalyMap, createImage, type Image } from '@anomclip/core/image';
import { scoreColour } from './score-colour.js';

/** Paints a map; scores at `low` and below are darkest, at `high` and above brightest. */
export function paintMap(map: AnomalyMap, low: number, high: number): Image {
  const [height, width] = map.shape;
  const palette = Array.from({ length: 256 }, (_, i) => scoreColour(i / 255));
  const image = createImage(height, width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const share = high > low ? (map.get(row, column) - low) / (high - low) : 0;
      const colour = palette[Math.round(255 * Math.min(1, Math.max(0, share)))];
      for (let channel = 0; channel < 3; channel++) image.set(row, column, channel, colour[channel]);
    }
  }
  return image;
}
