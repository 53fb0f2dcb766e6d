import { FormatError } from '../errors.js';
import type { ByteSource } from './byte-source.js';

/**
 * Reads the index of a checkpoint in several files (`model.safetensors.index.json`): which weight is in which file.
 *
 * @param indexName - Its name; the files lie beside it.
 * @param names - The files there are. An index cannot reach any other.
 * @throws {@link FormatError} when it is too long, is no such index, or names files that are not there.
 */
export async function readShardIndex(
  source: ByteSource,
  indexName: string,
  names: readonly string[],
): Promise<Map<string, string>> {
  if (source.size > maxIndexBytes) {
    throw malformed(indexName, `it has ${source.size} bytes, more than ${maxIndexBytes}`);
  }
  const folder = indexName.slice(0, indexName.lastIndexOf('/') + 1);
  const weightMap = parse(await source.read(0, source.size), indexName);
  const present = new Set(names);
  const fileOf = new Map<string, string>();
  for (const [weight, file] of Object.entries(weightMap)) {
    if (typeof file !== 'string') throw malformed(indexName, `${JSON.stringify(weight)} has no file`);
    if (!present.has(folder + file)) {
      const what = `it refers to ${JSON.stringify(file)}, which is not among the files`;
      throw malformed(indexName, what, 'download all files of the model');
    }
    fileOf.set(weight, folder + file);
  }
  if (fileOf.size === 0) throw malformed(indexName, 'it lists no weights');
  return fileOf;
}

const maxIndexBytes = 32 * 1024 * 1024;

function parse(bytes: Uint8Array, indexName: string): object {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw malformed(indexName, 'it is not JSON');
  }
  const weightMap =
    typeof json === 'object' && json !== null && 'weight_map' in json ? json.weight_map : undefined;
  if (typeof weightMap !== 'object' || weightMap === null || Array.isArray(weightMap)) {
    throw malformed(indexName, 'it has no weight_map { weight: file, … }');
  }
  return weightMap;
}

function malformed(indexName: string, problem: string, hint?: string): FormatError {
  return new FormatError('checkpoint', `${indexName}: ${problem}`, hint);
}
