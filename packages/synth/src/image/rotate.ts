import { cosSinOfTurns } from '@anomclip/core/random';

/** Row-major channels-last values. */
export interface Raster<T extends Uint8Array | Float64Array> {
  readonly data: T;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Rotates about the centre of the image, bilinearly, zeros coming in from outside; 8-bit values are rounded. */
export function rotate<T extends Uint8Array | Float64Array>(
  { data, height, width, channels }: Raster<T>,
  degrees: number,
): T {
  const turns = degrees / 360;
  const [cos, sin] = cosSinOfTurns((turns - Math.floor(turns)) % 1);
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  const result = data.slice() as T;
  const half = data instanceof Uint8Array ? 0.5 : 0;
  const rowLength = width * channels;
  for (let i = 0; i < height; i++) {
    const fromLeft = middleX + (i - middleY) * sin;
    const fromTop = middleY + (i - middleY) * cos;
    for (let j = 0; j < width; j++) {
      const x = fromLeft + (j - middleX) * cos;
      const y = fromTop - (j - middleX) * sin;
      const column = Math.floor(x);
      const row = Math.floor(y);
      const to = i * rowLength + j * channels;
      if (row < -1 || column < -1 || row >= height || column >= width) {
        for (let channel = 0; channel < channels; channel++) result[to + channel] = 0;
        continue;
      }
      const u = x - column;
      const v = y - row;
      const top = row >= 0 ? 1 - v : 0;
      const bottom = row + 1 < height ? v : 0;
      const left = column >= 0 ? 1 - u : 0;
      const right = column + 1 < width ? u : 0;
      // A tap outside has weight 0; any address inside will do for it.
      const first = Math.max(row, 0) * rowLength + Math.max(column, 0) * channels;
      const across = column >= 0 && column + 1 < width ? channels : 0;
      const down = row >= 0 && row + 1 < height ? rowLength : 0;
      for (let channel = 0; channel < channels; channel++) {
        const from = first + channel;
        result[to + channel] =
          top * (left * data[from] + right * data[from + across]) +
          bottom * (left * data[from + down] + right * data[from + down + across]) +
          half;
      }
    }
  }
  return result;
}
