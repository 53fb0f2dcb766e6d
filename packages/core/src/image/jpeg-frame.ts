import { FormatError } from '../errors.js';
import { assertPixelLimit, type DecodeOptions } from './decode-options.js';

/** More passes over the image than any encoder makes; a file of nothing but passes keeps a decoder busy for hours. */
const MAX_SCANS = 200;

/**
 * Looks at a JPEG's size before a decoder takes memory for it.
 *
 * @throws {@link FormatError} when the file is no JPEG, has no image, says it has more than `maxPixels` pixels or more than
 *   its bytes can code, or has more than {@link MAX_SCANS} scans.
 */
export function assertPlausibleJpeg(bytes: Uint8Array, options: DecodeOptions): void {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw malformed('the file does not start as a JPEG');
  const { width, height } = readFrameSize(bytes);
  assertPixelLimit('JPEG', width, height, options);
  // One component at least has full resolution, and each of its 8×8 blocks takes a bit or more.
  if (width * height > bytes.length * 8 * 64)
    throw malformed(`${bytes.length} bytes cannot hold ${width} × ${height}`);
  let scans = 0;
  for (let at = 0; at + 1 < bytes.length; at++) {
    if (bytes[at] === 0xff && bytes[at + 1] === START_OF_SCAN) scans++;
  }
  if (scans > MAX_SCANS) throw malformed(`${scans} scans, more than ${MAX_SCANS}`);
}

const START_OF_SCAN = 0xda;

/** The size in the frame header (ITU-T T.81, B.2.2). */
function readFrameSize(bytes: Uint8Array): { width: number; height: number } {
  let at = 2;
  while (true) {
    // A decoder skips to the next 0xff and over repeated ones, and so must this.
    while (at < bytes.length && bytes[at] !== 0xff) at++;
    while (at < bytes.length && bytes[at] === 0xff) at++;
    const marker = bytes[at++];
    if (marker === START_OF_SCAN) throw malformed('pixels come before the frame header');
    const hasNoContent = marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd7);
    if (hasNoContent) continue;
    // Frame headers are C0 to CF without C4 (Huffman tables), C8 (reserved) and CC (arithmetic tables).
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    const length = bytes[at] * 256 + bytes[at + 1];
    if (!(at + (isFrame ? 7 : length) <= bytes.length)) {
      throw malformed(`the file ends at byte ${bytes.length}, before the frame header`);
    }
    if (isFrame) {
      return { height: bytes[at + 3] * 256 + bytes[at + 4], width: bytes[at + 5] * 256 + bytes[at + 6] };
    }
    at += length;
  }
}

function malformed(problem: string): FormatError {
  return new FormatError('JPEG', problem);
}
