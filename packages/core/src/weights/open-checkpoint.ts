import { ArgumentError, FormatError } from '../errors.js';
import type { ByteSource, FileSource } from './byte-source.js';
import type { Checkpoint } from './checkpoint.js';
import { chooseCheckpoint, isShardIndex } from './checkpoint-files.js';
import { openSafetensors } from './open-safetensors.js';
import { pytorchCheckpoint } from './pytorch-checkpoint.js';
import { readShardIndex } from './shard-index.js';
import { withoutModulePrefix } from './without-module-prefix.js';

/** A checkpoint that holds its files open. */
export interface OpenCheckpoint extends Checkpoint {
  /** Closes the files; later reads fail. Weights that were read stay. */
  close(): Promise<void>;
}

/**
 * Opens the weights among the files of a model, whatever their format: safetensors or PyTorch, in one file or in several
 * with an index. What a file is, its content says. Only the parts that are read are ever in memory.
 *
 * @param name - The file, or the index of several. @defaultValue the one with a usual name, or the only one
 * @returns The caller closes it.
 * @throws {@link FormatError} when no file can be the weights, or the file is damaged or of no known format;
 *   {@link ArgumentError} when there is no file called `name`.
 */
export async function openCheckpoint(
  files: FileSource,
  name: string = chooseCheckpoint(files.names),
): Promise<OpenCheckpoint> {
  if (!files.names.includes(name)) {
    throw new ArgumentError('openCheckpoint', `one of ${files.names.slice(0, 10).join(', ')}`, name);
  }
  const opened: ByteSource[] = [];
  const open = async (file: string): Promise<ByteSource> => {
    const source = await files.open(file);
    opened.push(source);
    return source;
  };
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((source) => source.close()));
  };
  try {
    const checkpoint = isShardIndex(name)
      ? await openShards(await open(name), name, files.names, open)
      : await openByContent(await open(name), name);
    return { ...withoutModulePrefix(checkpoint), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openShards(
  index: ByteSource,
  indexName: string,
  names: readonly string[],
  open: (file: string) => Promise<ByteSource>,
): Promise<Checkpoint> {
  const fileOf = await readShardIndex(index, indexName, names);
  const shards = new Map<string, Checkpoint>();
  for (const file of new Set(fileOf.values())) shards.set(file, await openByContent(await open(file), file));
  const shapes = new Map<string, readonly number[]>();
  for (const [weight, file] of fileOf) {
    const shape = shards.get(file)?.shapes.get(weight);
    if (!shape) {
      const what = `${indexName} says that ${JSON.stringify(weight)} is in ${file}, where it is not`;
      throw new FormatError('checkpoint', what, 'download all files of one revision');
    }
    shapes.set(weight, shape);
  }
  return {
    shapes,
    async read(weight) {
      const shard = shards.get(fileOf.get(weight) ?? '');
      if (!shard) throw new ArgumentError('checkpoint', 'the name of a weight in the index', weight);
      return shard.read(weight);
    },
  };
}

async function openByContent(source: ByteSource, name: string): Promise<Checkpoint> {
  const start = await source.read(0, Math.min(16, source.size));
  if (start[0] === 0x50 && start[1] === 0x4b) return pytorchCheckpoint(source);
  if (start[8] === 0x7b) return openSafetensors(source); // { behind the length of the header
  const where = `${name} is neither safetensors nor a PyTorch zip file`;
  throw new FormatError('checkpoint', where, wayOut(start, source.size));
}

function wayOut(start: Uint8Array, size: number): string {
  const text = new TextDecoder('latin1').decode(start);
  if (size === 0) return 'it is empty: download it again';
  if (start[0] === 0x80) return 'PyTorch before 1.6 wrote it: load and torch.save() it with a newer one';
  if (text.startsWith('version https://'))
    return 'it is a pointer of Git LFS: run `git lfs pull`, or download it';
  if (/^\s*</.test(text)) return 'it is a web page: download the file itself';
  return 'it may be cut off or damaged: download it again';
}
