import { ArgumentError } from '@anomclip/core';
import { type ReadSource, readSource, type Source } from './source.js';

/**
 * A way to read that keeps what it has decoded; when that exceeds `maxBytes`, the least recently used go. What somebody
 * else is reading already is not read twice, and a failure is not kept.
 *
 * @throws {@link ArgumentError} when `maxBytes` is negative or not a number. 0 keeps nothing.
 */
export function createDecodedCache(maxBytes: number): ReadSource {
  if (!(maxBytes >= 0)) throw new ArgumentError('cacheBytes', 'a number from 0', maxBytes);
  if (maxBytes === 0) return readSource;

  const entries = new Map<Source<unknown>, { readonly reading: Promise<unknown>; bytes: number }>();
  let total = 0;
  function forget(source: Source<unknown>): void {
    total -= entries.get(source)?.bytes ?? 0;
    entries.delete(source);
  }
  function evict(): void {
    for (const [source, { bytes }] of entries) {
      if (total <= maxBytes) return;
      if (bytes > 0) forget(source); // what is still being read counts 0 and stays
    }
  }
  return function read<Part>(source: Source<Part>): Promise<Part> {
    const known = entries.get(source);
    if (known) {
      entries.delete(source); // the last one of a Map is the one used most recently
      entries.set(source, known);
      return known.reading as Promise<Part>; // it was stored under this source
    }
    const reading = source.read(read);
    const entry = { reading, bytes: 0 };
    entries.set(source, entry);
    reading.then(
      (part) => {
        entry.bytes = byteSize(part);
        total += entry.bytes;
        evict();
      },
      () => forget(source),
    );
    return reading;
  };
}

/** Bytes of all typed arrays in a decoded file; at least 1. */
function byteSize(value: unknown): number {
  if (ArrayBuffer.isView(value)) return Math.max(1, value.byteLength);
  if (typeof value !== 'object' || value === null) return 1;
  const parts: readonly unknown[] = 'data' in value ? [value.data] : Object.values(value);
  return parts.reduce((sum: number, part) => sum + byteSize(part), 1);
}
