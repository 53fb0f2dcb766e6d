import { createImage, type Image } from '@anomclip/core/image';

/** Pictures of one size beside and below each other, on grey, with a gap between them. */
export function contactSheet(pictures: readonly Image[], gap = 4): Image {
  const columns = Math.ceil(Math.sqrt(pictures.length));
  const rows = Math.ceil(pictures.length / columns);
  const [height, width] = pictures[0].shape;
  const sheet = createImage(rows * (height + gap) + gap, columns * (width + gap) + gap);
  sheet.data.fill(160);
  pictures.forEach(({ data }, i) => {
    const top = gap + Math.floor(i / columns) * (height + gap);
    const left = gap + (i % columns) * (width + gap);
    for (let row = 0; row < height; row++) {
      const pixels = data.subarray(3 * row * width, 3 * (row + 1) * width);
      sheet.data.set(pixels, 3 * ((top + row) * sheet.shape[1] + left));
    }
  });
  return sheet;
}
