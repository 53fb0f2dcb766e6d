import { FormatError } from '@anomclip/core';

/** A full table can give its longest string, 3839 bytes, for every 12 bits. */
export const LARGEST_LZW_RATIO = 2560;

const CLEAR = 256;
const END = 257;
const FIRST_FREE = 258;
const TABLE_SIZE = 4096;

/**
 * The first `size` bytes of a TIFF LZW stream: codes of 9 to 12 bits, highest bit first, which grow one code early
 * (TIFF 6.0, section 13).
 *
 * @throws FormatError when the stream is corrupt or gives fewer bytes.
 */
export function inflateLzw(format: string, data: Uint8Array, size: number): Uint8Array {
  const corrupt = (): FormatError =>
    new FormatError(format, `the LZW data does not give its ${size} bytes`, 'the file may be damaged');
  if (size > data.length * LARGEST_LZW_RATIO) throw corrupt();
  const output = new Uint8Array(size);
  // Entry c is the string of prefix[c] and then suffix[c].
  const prefix = new Uint16Array(TABLE_SIZE);
  const suffix = new Uint8Array(TABLE_SIZE);
  const length = new Uint16Array(TABLE_SIZE);
  for (let byte = 0; byte < 256; byte++) {
    suffix[byte] = byte;
    length[byte] = 1;
  }

  let free = FIRST_FREE;
  let width = 9;
  let previous = -1;
  let bits = 0;
  let bitCount = 0;
  let from = 0;
  let to = 0;
  while (to < size) {
    while (bitCount < width) {
      if (from === data.length) throw corrupt();
      bits = ((bits << 8) | data[from++]) & 0xffffff;
      bitCount += 8;
    }
    bitCount -= width;
    const code = (bits >> bitCount) & ((1 << width) - 1);
    if (code === END) break;
    if (code === CLEAR) {
      free = FIRST_FREE;
      width = 9;
      previous = -1;
      continue;
    }
    if (code > free || (previous < 0 && code > 255) || (code === free && free === TABLE_SIZE))
      throw corrupt();

    // A code that is only now being made is the previous string and, once more, that string's first byte.
    const known = code < free ? code : previous;
    let first = known;
    let at = to + length[known] - 1;
    for (let rest = known; ; rest = prefix[rest], at--) {
      if (at < size) output[at] = suffix[rest];
      if (at === to) {
        first = suffix[rest];
        break;
      }
    }
    to += length[known];
    if (known !== code && to < size) output[to++] = first;
    if (previous >= 0 && free < TABLE_SIZE) {
      prefix[free] = previous;
      suffix[free] = first;
      length[free++] = length[previous] + 1;
      if (free === (1 << width) - 1 && width < 12) width++;
    }
    previous = code;
  }
  if (to < size) throw corrupt();
  return output;
}
