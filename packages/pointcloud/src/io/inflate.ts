import { FormatError } from '@anomclip/core';
import { Inflate } from 'fflate';

/** Deflate makes at most this many bytes of one. */
const LARGEST_RATIO = 1032;
/** Compressed bytes handed over at once: bounds what is inflated beyond the wanted size. */
const CHUNK = 2 ** 16;

/**
 * The first `size` bytes of a raw Deflate stream; what follows is not inflated. Memory and time are bounded by
 * `size` and the length of the input, whatever the stream says.
 *
 * @throws FormatError when the stream is corrupt or gives fewer bytes.
 */
export function inflateRaw(format: string, data: Uint8Array, size: number): Uint8Array {
  if (size > data.length * LARGEST_RATIO) throw tooShort(format, size);
  const output = new Uint8Array(size);
  let length = 0;
  const stream = new Inflate((chunk) => {
    output.set(chunk.subarray(0, size - length), length);
    length = Math.min(size, length + chunk.length);
  });
  try {
    for (let start = 0; start < data.length && length < size; start += CHUNK) {
      stream.push(data.subarray(start, start + CHUNK));
    }
  } catch (error) {
    throw new FormatError(format, `the Deflate data is corrupt (${String(error)})`);
  }
  if (length < size) throw tooShort(format, size);
  return output;
}

/** The first `size` bytes of a zlib stream: a Deflate stream after a header of two bytes. */
export function inflateZlib(format: string, data: Uint8Array, size: number): Uint8Array {
  const [method, flags] = data;
  const isZlib = (method & 15) === 8 && ((method << 8) | flags) % 31 === 0 && (flags & 32) === 0;
  if (!isZlib) throw new FormatError(format, 'the Deflate data has no zlib header');
  return inflateRaw(format, data.subarray(2), size);
}

function tooShort(format: string, size: number): FormatError {
  return new FormatError(
    format,
    `the Deflate data gives fewer than ${size} bytes`,
    'the file may be truncated',
  );
}
