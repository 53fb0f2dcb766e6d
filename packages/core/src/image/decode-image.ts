import { FormatError } from '../errors.js';
import { decodeJpeg } from './decode-jpeg.js';
import type { DecodeOptions } from './decode-options.js';
import { decodePng } from './decode-png.js';
import type { Image } from './types.js';

/**
 * Decodes a PNG or JPEG file, told apart by its first bytes.
 *
 * @returns [H, W, 3].
 * @throws {@link FormatError} when it is neither, or for the reasons of {@link decodePng} and {@link decodeJpeg}.
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<Image> {
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return decodePng(bytes, options);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return decodeJpeg(bytes, options);
  const start = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  throw new FormatError(
    'image',
    `neither PNG nor JPEG, starts with ${start || 'nothing'}`,
    'convert it to PNG',
  );
}
