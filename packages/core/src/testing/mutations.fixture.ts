import { FormatError } from '../errors.js';
import { createRng, type Rng } from '../random/index.js';

/** How many damaged copies of a file a test reads; the full number is 20 000. */
export const mutationCount = Number(process.env.ANOMCLIP_MUTATIONS ?? 300);

/** A damaged copy: some bytes replaced, removed, repeated or cut off. */
function mutate(file: Uint8Array, rng: Rng): Uint8Array {
  let bytes = [...file];
  for (let edits = rng.integer(1, 5); edits > 0; edits--) {
    const at = rng.integer(0, bytes.length + 1);
    const kind = rng.integer(0, 6);
    if (kind <= 1) bytes[at] = rng.integer(0, 256);
    else if (kind === 2) bytes[at] ^= 1 << rng.integer(0, 8);
    else if (kind === 3) bytes.splice(at, rng.integer(1, 9));
    else if (kind === 4) bytes.splice(at, 0, ...bytes.slice(at, at + rng.integer(1, 40)));
    else bytes = bytes.slice(0, rng.boolean(0.3) ? at : bytes.length);
  }
  return Uint8Array.from(bytes);
}

/**
 * Reads many damaged copies of the files.
 *
 * @returns How many were read and how many refused; whatever is thrown that is no FormatError comes through.
 */
export async function readMutations(
  files: readonly Uint8Array[],
  read: (bytes: Uint8Array, rng: Rng) => unknown,
): Promise<{ valid: number; refused: number }> {
  const counts = { valid: 0, refused: 0 };
  for (let i = 0; i < mutationCount; i++) {
    const rng = createRng('mutations').fork(i);
    const bytes = mutate(files[i % files.length], rng);
    try {
      await read(bytes, rng);
      counts.valid++;
    } catch (error) {
      if (!(error instanceof FormatError)) throw new Error(`mutation ${i}`, { cause: error });
      counts.refused++;
    }
  }
  return counts;
}
