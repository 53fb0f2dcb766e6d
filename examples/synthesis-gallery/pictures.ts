import { createImage, type Image, type Mask } from '@anomclip/core/image';

/** What has a number in [0, 1] for every pixel: a mask, labels. */
export interface GreyMap {
  readonly shape: readonly number[];
  get(row: number, column: number): number;
}

export function greyPicture(map: GreyMap): Image {
  const [height, width] = map.shape;
  const picture = createImage(height, width);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      for (let c = 0; c < 3; c++) picture.set(i, j, c, Math.round(255 * map.get(i, j)));
    }
  }
  return picture;
}

/** The picture with the outline of the mask in red. */
export function outlined(image: Image, mask: Mask): Image {
  const [height, width] = mask.shape;
  const picture = createImage(height, width);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const isRim =
        mask.get(i, j) === 0 && [i - 1, i + 1].some((y) => y >= 0 && y < height && mask.get(y, j) === 1);
      const isSide =
        mask.get(i, j) === 0 && [j - 1, j + 1].some((x) => x >= 0 && x < width && mask.get(i, x) === 1);
      const colour = isRim || isSide ? [255, 0, 0] : [0, 1, 2].map((c) => image.get(i, j, c));
      for (let c = 0; c < 3; c++) picture.set(i, j, c, colour[c]);
    }
  }
  return picture;
}

/** Pictures in a row, in a white frame. */
export function sideBySide(pictures: readonly Image[], gap = 2): Image {
  return arranged([pictures], gap);
}

/** Rows of pictures on white; every picture keeps its size. */
export function arranged(rows: readonly (readonly Image[])[], gap: number): Image {
  const heights = rows.map((row) => Math.max(0, ...row.map(({ shape }) => shape[0])));
  const widths = rows.map((row) => row.reduce((sum, { shape }) => sum + shape[1] + gap, gap));
  const sheet = createImage(
    heights.reduce((sum, height) => sum + height + gap, gap),
    Math.max(1, ...widths),
  );
  sheet.data.fill(255);
  let top = gap;
  rows.forEach((row, r) => {
    let left = gap;
    for (const picture of row) {
      paste(sheet, picture, top, left);
      left += picture.shape[1] + gap;
    }
    top += heights[r] + gap;
  });
  return sheet;
}

function paste(sheet: Image, picture: Image, top: number, left: number): void {
  const [height, width] = picture.shape;
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      for (let c = 0; c < 3; c++) sheet.set(top + i, left + j, c, picture.get(i, j, c));
    }
  }
}
