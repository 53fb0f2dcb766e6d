import { readFile, stat } from 'node:fs/promises';
import type { FileLimits } from './dataset.js';
import { DatasetError } from './dataset-error.js';

/** Where a part of a sample comes from. One object per file, so that samples may share it. */
export interface Source<Part> {
  /** The file that it is about, for messages. */
  readonly path: string;
  /**
   * Reads and decodes it.
   *
   * @param readOther - How it reads what it is made of: through the cache of the one who asks.
   * @throws `DatasetError` that names the file.
   */
  read(readOther: ReadSource): Promise<Part>;
}

/** A way to read sources, e.g. {@link readSource} or one with a cache. */
export type ReadSource = <Part>(source: Source<Part>) => Promise<Part>;

/** Reads without a cache. */
export function readSource<Part>(source: Source<Part>): Promise<Part> {
  return source.read(readSource);
}

/** A file and how it is decoded. */
export function fileSource<Part>(
  path: string,
  decode: (bytes: Uint8Array) => Part | Promise<Part>,
  limits: FileLimits,
): Source<Part> {
  return { path, read: () => readAndDecode(path, decode, limits) };
}

/** A file that a sample needs and that is not there: listed all the same, an error when it is read. */
export function missingSource(path: string, problem: string, hint: string): Source<never> {
  return { path, read: () => Promise.reject(new DatasetError(path, problem, { hint })) };
}

/** @throws {@link DatasetError} with the decoder's reason when the file cannot be read, is too large, or is damaged. */
export function readAndDecode<Part>(
  path: string,
  decode: (bytes: Uint8Array) => Part | Promise<Part>,
  { maxFileBytes = 2 ** 30 }: FileLimits,
): Promise<Part> {
  return nameErrors(path, async () => {
    const { size } = await stat(path);
    if (size <= maxFileBytes) return decode(await readFile(path));
    throw new DatasetError(path, `has ${size} bytes, the limit is ${maxFileBytes}`, {
      hint: 'raise limits.maxFileBytes if the file is sound',
    });
  });
}

/** Does something with a file; whatever goes wrong becomes a {@link DatasetError} that names it. */
export async function nameErrors<Part>(path: string, work: () => Promise<Part>): Promise<Part> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof DatasetError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DatasetError(path, `cannot be read: ${reason}`, {
      hint: 'unpack or download the file again',
      cause,
    });
  }
}
