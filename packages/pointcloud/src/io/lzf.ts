import { FormatError } from '@anomclip/core';

/** The most bytes that one compressed byte can become: 3 bytes of a long match give 264. */
const LARGEST_RATIO = 88;

/**
 * Expands an LZF stream (Marc Lehmann's LibLZF, as in binary_compressed PCD files) of known size. A control byte
 * below 32 copies that many bytes plus one; any other repeats (control >> 5) + 2 bytes (7: plus the next byte)
 * from ((control & 31) << 8) + next byte + 1 bytes back.
 *
 * @throws FormatError when the stream does not give exactly `size` bytes. Nothing is allocated for a size that the
 * stream cannot reach.
 */
export function inflateLzf(format: string, input: Uint8Array, size: number): Uint8Array {
  const corrupt = (): FormatError => new FormatError(format, `the LZF data does not give its ${size} bytes`);
  if (size > input.length * LARGEST_RATIO) throw corrupt();
  const output = new Uint8Array(size);
  const inputEnd = input.length;
  let from = 0;
  let to = 0;
  while (from < inputEnd) {
    const control = input[from++];
    if (control < 32) {
      const length = control + 1;
      if (from + length > inputEnd || to + length > size) throw corrupt();
      for (let i = 0; i < length; i++) output[to++] = input[from++];
      continue;
    }
    let length = (control >> 5) + 2;
    if (length === 9) length += from < inputEnd ? input[from++] : 0;
    if (from >= inputEnd) throw corrupt();
    let source = to - ((control & 31) << 8) - input[from++] - 1;
    if (source < 0 || to + length > size) throw corrupt();
    // Byte by byte: a match may overlap what it is writing.
    for (let i = 0; i < length; i++) output[to++] = output[source++];
  }
  if (to !== size) throw corrupt();
  return output;
}
