import { describe, expect, test } from 'vitest';
import { ArgumentError } from '../errors.js';
import { createRng } from '../random/index.js';
import { readSafetensors, writeSafetensors } from '../weights/index.js';
import { contentKey } from './content-key.js';
import { type ByteStore, FeatureCache, type Features } from './feature-cache.js';

const features: Features = new Map([
  ['image', { shape: [3], data: Float32Array.of(1, Number.NaN, -0) }],
  ['patches/2', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
]);

class MemoryStore implements ByteStore {
  readonly files = new Map<string, Uint8Array>();
  async get(key: string) {
    return this.files.get(key);
  }
  async set(key: string, bytes: Uint8Array) {
    this.files.set(key, bytes.slice());
  }
}

describe('FeatureCache', () => {
  test('gives what was set, from memory and from the store, bit for bit', async () => {
    const store = new MemoryStore();
    const cache = new FeatureCache({ store });
    expect(await cache.get('a')).toBeUndefined();
    await cache.set('a', features);
    expect(await cache.get('a')).toEqual(features);
    expect(await new FeatureCache({ store }).get('a')).toEqual(features);
    expect(await new FeatureCache({ store, maxBytes: 0 }).get('a')).toEqual(features);
    expect(await cache.get('b')).toBeUndefined();
  });

  test('keeps a copy', async () => {
    const cache = new FeatureCache();
    const data = Float32Array.of(1);
    await cache.set('a', new Map([['x', { shape: [1], data }]]));
    data.fill(2);
    expect((await cache.get('a'))?.get('x')?.data).toEqual(Float32Array.of(1));
  });

  test('memory is bounded: what was not used for longest goes first', async () => {
    const one = new FeatureCache();
    await one.set('a', features);
    const cache = new FeatureCache({ maxBytes: 2.5 * one.bytes });
    await cache.set('a', features);
    await cache.set('b', features);
    await cache.get('a');
    await cache.set('c', features);
    expect(cache.bytes).toBe(2 * one.bytes);
    expect(
      await Promise.all(['a', 'b', 'c'].map(async (key) => (await cache.get(key)) !== undefined)),
    ).toEqual([true, false, true]);
    await cache.set('large', new Map([['x', { shape: [1000], data: new Float32Array(1000) }]]));
    expect(await cache.get('large')).toBeUndefined();
    expect(cache.bytes).toBe(2 * one.bytes);
  });

  test('a damaged file in the store is never believed, whichever bit it is', async () => {
    const store = new MemoryStore();
    await new FeatureCache({ store }).set('a', features);
    const whole = store.files.get('a') ?? new Uint8Array();
    const rng = createRng('damage');
    for (let i = 0; i < 300; i++) {
      const damaged = whole.slice();
      damaged[rng.integer(0, damaged.length)] ^= 1 << rng.integer(0, 8);
      store.files.set('a', damaged);
      // A space of the header's padding may become another white space: the content is the same then.
      const found = await new FeatureCache({ store }).get('a');
      if (found) expect(found).toEqual(features);
    }
    for (const length of [0, 7, whole.length - 1]) {
      store.files.set('a', whole.slice(0, length));
      expect(await new FeatureCache({ store }).get('a')).toBeUndefined();
    }
  });

  test('a file of another key, or of something else, is ignored and written anew', async () => {
    const store = new MemoryStore();
    await new FeatureCache({ store }).set('a', features);
    const own = store.files.get('a') ?? new Uint8Array();
    store.files.set('b', own);
    expect(await new FeatureCache({ store }).get('b')).toBeUndefined();
    const { tensors, metadata } = readSafetensors(own);
    store.files.set('b', writeSafetensors(tensors, { ...metadata, key: 'b' })); // the checksum is the other's
    expect(await new FeatureCache({ store }).get('b')).toBeUndefined();
    store.files.set('b', writeSafetensors({ image: { shape: [1], data: Float64Array.of(1) } }));
    const cache = new FeatureCache({ store });
    let computed = 0;
    const compute = () => {
      computed++;
      return features;
    };
    expect(await cache.remember('b', compute)).toEqual(features);
    expect(await cache.remember('b', compute)).toEqual(features);
    expect(computed).toBe(1);
    expect(await new FeatureCache({ store }).get('b')).toEqual(features);
  });

  test('a failing store is no empty store', async () => {
    const store = { get: () => Promise.reject(new Error('disk')), set: () => Promise.resolve() };
    await expect(new FeatureCache({ store }).get('a')).rejects.toThrow('disk');
  });

  test('a negative size is refused', () => {
    expect(() => new FeatureCache({ maxBytes: -1 })).toThrow(ArgumentError);
  });
});

describe('contentKey', () => {
  test('differs when description, data, or the cut between two arrays does', async () => {
    const [a, b] = [Float32Array.of(1, 2), Float32Array.of(3)];
    const keys = await Promise.all([
      contentKey({ weights: 'w' }, a, b),
      contentKey({ weights: 'v' }, a, b),
      contentKey({ weights: 'w' }, Float32Array.of(1), Float32Array.of(2, 3)),
      contentKey({ weights: 'w' }, Float32Array.of(1, 2.0000002), b),
      contentKey({ weights: 'w' }),
    ]);
    expect(new Set(keys).size).toBe(5);
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(await contentKey({ weights: 'w' }, Float32Array.of(0, 1, 2).subarray(1), b)).toBe(keys[0]);
  });

  test('is BLAKE2b', async () => {
    // python3 -c "import hashlib; print(hashlib.blake2b(b'[{},[]]', digest_size=32).hexdigest())"
    expect(await contentKey({})).toBe('4f6989c96a667cc48fcc7ca4ca0b2e7c50ee7e1b1031c4b80f5a494b1c021641');
  });
});
