import type { OrganisedCloud } from '@anomclip/core';
import { contiguous, createImage, type Image } from '@anomclip/core/image';

/** Grey picture of a scan, lit from the upper left, `side` pixels wide and high; white where nothing was measured. */
export function shadePoints({ xyz }: OrganisedCloud, side: number): Image {
  const [height, width] = xyz.shape;
  const points = contiguous(xyz);
  const means = new Float64Array(3 * side * side);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const [top, bottom] = [row, row + 1].map((edge) => Math.round((edge * height) / side));
      const [left, right] = [column, column + 1].map((edge) => Math.round((edge * width) / side));
      let count = 0;
      const at = 3 * (row * side + column);
      for (let i = top; i < bottom; i++) {
        for (let j = left; j < right; j++) {
          const point = 3 * (i * width + j);
          if (points[point + 2] === 0) continue;
          count++;
          for (let axis = 0; axis < 3; axis++) means[at + axis] += points[point + axis];
        }
      }
      for (let axis = 0; axis < 3; axis++) means[at + axis] /= Math.max(1, count);
    }
  }
  const picture = createImage(side, side);
  picture.data.fill(255);
  for (let row = 1; row < side - 1; row++) {
    for (let column = 1; column < side - 1; column++) {
      const pixel = row * side + column;
      const [right, left] = [3 * (pixel + 1), 3 * (pixel - 1)];
      const [below, above] = [3 * (pixel + side), 3 * (pixel - side)];
      if ([3 * pixel, right, left, below, above].some((at) => means[at + 2] === 0)) continue;
      const slopeX = (means[right + 2] - means[left + 2]) / (means[right] - means[left]);
      const slopeY = (means[below + 2] - means[above + 2]) / (means[below + 1] - means[above + 1]);
      // Normal (slopeX, slopeY, −1), lamp at (−1, −1, −1.6).
      const cosine = (1.6 - slopeX - slopeY) / Math.sqrt((slopeX * slopeX + slopeY * slopeY + 1) * 4.56);
      picture.data.fill(
        Math.round(250 * Math.min(1, 0.15 + 0.85 * Math.max(0, cosine))),
        3 * pixel,
        3 * pixel + 3,
      );
    }
  }
  return picture;
}
