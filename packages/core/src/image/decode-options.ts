import { FormatError } from '../errors.js';

export interface DecodeOptions {
  /** Larger images are refused before memory is taken for them. @defaultValue 100 000 000 */
  maxPixels?: number;
}

/** @throws {@link FormatError} for an image without pixels or with more than `maxPixels`. */
export function assertPixelLimit(
  format: string,
  width: number,
  height: number,
  { maxPixels = 100_000_000 }: DecodeOptions,
): void {
  if (width === 0 || height === 0) throw new FormatError(format, `the image is ${width} × ${height} pixels`);
  if (width * height <= maxPixels) return;
  throw new FormatError(format, `${width} × ${height} is more than ${maxPixels} pixels`, 'raise maxPixels');
}
