import { ArgumentError, FormatError } from '../errors.js';
import type { FileSource } from '../weights/byte-source.js';

/** Far above every vocabulary and configuration there is. */
const maxBytes = 64 * 2 ** 20;

/**
 * A text file of a model, unpacked when its name ends in `.gz`.
 *
 * @throws {@link FormatError} when it is larger than 64 MiB, packed or unpacked, or not UTF-8.
 */
export async function readText(files: FileSource, name: string): Promise<string> {
  const source = await files.open(name);
  try {
    if (source.size > maxBytes) throw tooLarge(name);
    const bytes = await source.read(0, source.size);
    const text = name.endsWith('.gz') ? await gunzip(bytes, name) : bytes;
    return new TextDecoder('utf-8', { fatal: true }).decode(text);
  } catch (cause) {
    if (cause instanceof FormatError || cause instanceof ArgumentError) throw cause;
    throw new FormatError(name, `the file is damaged (${(cause as Error).message})`);
  } finally {
    await source.close();
  }
}

async function gunzip(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (const reader = packed.pipeThrough(new DecompressionStream('gzip')).getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      throw tooLarge(name);
    }
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function tooLarge(name: string): FormatError {
  return new FormatError(name, `it has more than ${maxBytes} bytes`);
}
