import { createBLAKE2b } from 'hash-wasm';
import type { Checkpoint } from '../weights/checkpoint.js';

/**
 * A name for what is computed from a description and data: 64 hexadecimal digits, BLAKE2b with 256 bits (RFC 7693), so that
 * different content never has the same name.
 *
 * @param description - Everything besides the data that the result depends on: weights, options, the kind of result.
 *   Compared as JSON, so keys in the same order.
 * @param data - The memory of these arrays, each with its length.
 */
export async function contentKey(
  description: Readonly<Record<string, unknown>>,
  ...data: readonly ArrayBufferView[]
): Promise<string> {
  const hash = await createBLAKE2b(256);
  const lengths = data.map(({ byteLength }) => byteLength);
  hash.update(JSON.stringify([description, lengths]));
  for (const { buffer, byteOffset, byteLength } of data) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}

/**
 * A name for weights: the same for equal names, shapes and values, whatever file and dtype they come from. Reads
 * everything once, at about 300 MB/s; the sha256 of a downloaded file does as well.
 */
export async function checkpointKey(checkpoint: Checkpoint): Promise<string> {
  const hash = await createBLAKE2b(256);
  for (const name of [...checkpoint.shapes.keys()].sort()) {
    const values = await checkpoint.read(name);
    hash.update(JSON.stringify([name, checkpoint.shapes.get(name)]));
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}
