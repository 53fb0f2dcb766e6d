import { xxhash128 } from 'hash-wasm';
import { ArgumentError, FormatError } from '../errors.js';
import { readSafetensors } from '../weights/read-safetensors.js';
import { type TensorToWrite, writeSafetensors } from '../weights/write-safetensors.js';

/** Where bytes are kept under a key: a folder (`folderStore` of `@anomclip/core/node`), IndexedDB, a bucket. */
export interface ByteStore {
  /** The bytes of a key, or `undefined` when there are none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Keeps bytes under a key, in place of what was there. */
  set(key: string, bytes: Uint8Array): Promise<void>;
}

/** Named arrays; in memory that the cache may share: leave them unchanged. */
export type Features = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly data: Float32Array }
>;

export interface FeatureCacheOptions {
  /** What is kept in memory; the features that were not used for longest go first. @defaultValue 256 MiB */
  maxBytes?: number;
  /** Where features are kept beyond memory and beyond this process. @defaultValue nowhere */
  store?: ByteStore;
}

const format = 'anomclip features 1';

/** Features under keys that say what they were computed from: see `contentKey`. */
export class FeatureCache {
  /** Files as they are stored, least recently used first. */
  readonly #files = new Map<string, Uint8Array>();
  readonly #maxBytes: number;
  readonly #store: ByteStore | undefined;
  #bytes = 0;

  /** @throws {@link ArgumentError} when `maxBytes` is negative. */
  constructor(options: FeatureCacheOptions = {}) {
    const { maxBytes = 256 * 2 ** 20, store } = options;
    if (!(maxBytes >= 0)) throw new ArgumentError('FeatureCache', 'maxBytes from 0', maxBytes);
    this.#maxBytes = maxBytes;
    this.#store = store;
  }

  /** Bytes held in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Features of a key. What the store gives is used only if it is whole and was written under this very key. */
  async get(key: string): Promise<Features | undefined> {
    const held = this.#files.get(key);
    if (held) {
      this.hold(key, held); // as the most recently used
      return parse(held).features;
    }
    const stored = await this.#store?.get(key);
    if (!stored || !(await isIntact(key, stored))) return undefined;
    this.hold(key, stored);
    return parse(stored).features;
  }

  /** Keeps features; they are copied. */
  async set(key: string, features: Features): Promise<void> {
    const file = await write(key, features);
    this.hold(key, file);
    await this.#store?.set(key, file);
  }

  /** The features of a key, computed if there are none. */
  async remember(key: string, compute: () => Features | Promise<Features>): Promise<Features> {
    const known = await this.get(key);
    if (known) return known;
    const features = await compute();
    await this.set(key, features);
    return features;
  }

  private hold(key: string, file: Uint8Array): void {
    this.drop(key);
    if (file.byteLength > this.#maxBytes) return;
    this.#files.set(key, file);
    this.#bytes += file.byteLength;
    for (const oldest of this.#files.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.drop(oldest);
    }
  }

  private drop(key: string): void {
    this.#bytes -= this.#files.get(key)?.byteLength ?? 0;
    this.#files.delete(key);
  }
}

async function write(key: string, features: Features): Promise<Uint8Array> {
  return writeSafetensors(features, { format, key, checksum: await checksum(key, features) });
}

/** Over names, shapes and values: equal content gives equal safetensors bytes. Against damage, not against malice. */
function checksum(key: string, features: ReadonlyMap<string, TensorToWrite>): Promise<string> {
  return xxhash128(writeSafetensors(features, { format, key }));
}

function parse(file: Uint8Array): { features: Features; metadata: Record<string, string> } {
  const { tensors, metadata } = readSafetensors(file);
  const features = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const [name, { shape, data }] of tensors) {
    if (!(data instanceof Float32Array)) throw new FormatError('features', `${name} is not float32`);
    features.set(name, { shape, data });
  }
  return { features, metadata };
}

async function isIntact(key: string, file: Uint8Array): Promise<boolean> {
  try {
    const { features, metadata } = parse(file);
    const isOurs = metadata.format === format && metadata.key === key;
    return isOurs && metadata.checksum === (await checksum(key, features));
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}
