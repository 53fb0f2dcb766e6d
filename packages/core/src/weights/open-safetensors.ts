import type { ByteSource } from './byte-source.js';
import { type Checkpoint, missingWeight } from './checkpoint.js';
import { arrayOfDtype } from './dtypes.js';
import type { ReadSafetensorsOptions } from './read-safetensors.js';
import { readHeaderLength, readLayout } from './safetensors-layout.js';
import { toFloat32 } from './to-float32.js';
import { viewOrCopy } from './view-or-copy.js';

/**
 * Opens a safetensors file without reading it: the header now, each tensor when it is asked for. It keeps `source`, and does
 * not close it.
 *
 * @throws {@link FormatError} as {@link readSafetensors} does.
 */
export async function openSafetensors(
  source: ByteSource,
  options: ReadSafetensorsOptions = {},
): Promise<Checkpoint> {
  const { maxHeaderBytes = 100_000_000 } = options;
  const headerLength = readHeaderLength(
    await source.read(0, Math.min(8, source.size)),
    source.size,
    maxHeaderBytes,
  );
  const start = 8 + headerLength;
  const { places } = readLayout(await source.read(8, start), source.size - start);
  return {
    shapes: new Map([...places].map(([name, { shape }]) => [name, shape])),
    async read(name) {
      const place = places.get(name);
      if (!place) throw missingWeight(places.keys(), name);
      const { dtype, begin, end } = place;
      const bytes = await source.read(start + begin, start + end);
      return toFloat32({ dtype, data: viewOrCopy(arrayOfDtype[dtype], bytes, 0, bytes.length) });
    },
  };
}
