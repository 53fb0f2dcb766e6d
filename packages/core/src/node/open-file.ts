import { open } from 'node:fs/promises';
import { FormatError } from '../errors.js';
import type { ByteSource } from '../weights/index.js';

/**
 * Opens a file on disk as a source of bytes: only what is read is ever in memory.
 *
 * @returns The caller closes it.
 * @throws {@link FormatError} when `path` is no regular file, and while reading when the file has become shorter; errors of
 *   the file system (`ENOENT`, `EACCES`, …) as they come.
 */
export async function openFile(path: string): Promise<ByteSource> {
  const handle = await open(path);
  const status = await handle.stat();
  if (!status.isFile()) {
    await handle.close();
    throw new FormatError('file', `${path} is no regular file`, 'use openFolder for a folder');
  }
  return {
    size: status.size,
    async read(start, end) {
      const bytes = new Uint8Array(end - start);
      for (let done = 0; done < bytes.length; ) {
        const wanted = Math.min(bytes.length - done, maxReadBytes);
        const { bytesRead } = await handle.read(bytes, done, wanted, start + done);
        if (bytesRead === 0) {
          throw new FormatError(
            'file',
            `${path} ended at ${start + done}`,
            'it became shorter while it was read',
          );
        }
        done += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}

/** A single read of the file system cannot take 2 GiB. */
const maxReadBytes = 2 ** 30;
