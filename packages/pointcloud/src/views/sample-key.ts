import { contiguous } from '@anomclip/core/image';
import { createSHA256 } from 'hash-wasm';
import { checkPreparedCloud, type PreparedCloud } from '../prepare/prepared-cloud.js';
import { type MultiViewSampleOptions, resolveSampleOptions } from './sample-options.js';

/** Rises when the same cloud and options give another sample than before. */
const version = 'anomclip multi-view sample 1';

/**
 * A name for the sample that {@link createMultiViewSample} makes of a cloud and options: the SHA-256 of both, 64 hexadecimal
 * digits. Different ways to say the same options have the same key. Keep samples under it, and make each only once.
 *
 * @throws {@link ShapeError} when the parts of the cloud disagree, {@link ArgumentError} for options that cannot be or
 * positions that are not finite.
 */
export async function sampleKey(cloud: PreparedCloud, options: MultiViewSampleOptions = {}): Promise<string> {
  checkPreparedCloud('sampleKey', cloud);
  const { positions, foreground, grid, labels, targets, colours, image } = cloud;
  const hash = await createSHA256();
  const parts = { positions, foreground, labels, targets, colours, image: image && contiguous(image) };
  hash.update(JSON.stringify([version, resolveSampleOptions(options), grid ?? null, image?.shape ?? null]));
  for (const [name, part] of Object.entries(parts)) {
    if (!part) continue;
    hash.update(`${name} ${part.byteLength}\n`); // tells parts apart, and where each ends
    hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }
  return hash.digest();
}
