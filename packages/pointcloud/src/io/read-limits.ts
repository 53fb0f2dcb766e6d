import { ArgumentError, FormatError } from '@anomclip/core';

/** How much a reader may produce before it refuses a file. Every reader takes these. */
export interface ReadLimits {
  /** Most points (PLY, PCD, OBJ, text), pixels (TIFF) or array elements (NPY, NPZ). @defaultValue 50 million */
  readonly maxPoints?: number;
  /** Most bytes that compressed data may grow to, per file. @defaultValue 1 GiB */
  readonly maxInflatedBytes?: number;
}

/** The limits with their defaults filled in. */
export function resolveLimits(where: string, limits: ReadLimits): Required<ReadLimits> {
  const { maxPoints = 50_000_000, maxInflatedBytes = 2 ** 30 } = limits;
  for (const [name, value] of Object.entries({ maxPoints, maxInflatedBytes })) {
    if (!(Number.isFinite(value) && value >= 0)) {
      throw new ArgumentError(`${where} ${name}`, 'a finite number of at least 0', value);
    }
  }
  return { maxPoints, maxInflatedBytes };
}

/** Refuses a file that announces, or turns out to hold, more than `maxPoints`. */
export function checkPointCount(format: string, count: number, maxPoints: number, what = 'points'): void {
  if (count > maxPoints) {
    throw new FormatError(
      format,
      `${count} ${what}, the limit is ${maxPoints}`,
      'raise maxPoints to read it',
    );
  }
}

/** Refuses compressed data that would grow beyond `maxInflatedBytes`. */
export function checkInflatedBytes(format: string, bytes: number, maxInflatedBytes: number): void {
  if (bytes > maxInflatedBytes) {
    throw new FormatError(
      format,
      `the data inflates to ${bytes} bytes, the limit is ${maxInflatedBytes}`,
      'raise maxInflatedBytes to read it',
    );
  }
}
