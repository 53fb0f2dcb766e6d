import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type ClipConfig,
  clipPreprocessing,
  type EncodeImagesOptions,
  type ImageFeatures,
  VisionTower,
} from '../clip/index.js';
import { ShapeError } from '../errors.js';
import { createRng } from '../random/index.js';
import { startBackend } from '../testing/backends.fixture.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import { cachedEncoder } from './cached-encoder.js';
import { checkpointKey } from './content-key.js';
import { FeatureCache } from './feature-cache.js';
import type { ImageEncoder } from './image-encoder.js';

const config: ClipConfig = {
  embeddingWidth: 6,
  activation: 'gelu',
  vision: { imageSize: 8, patchSize: 4, width: 8, layers: 2, heads: 2, mlpWidth: 16 },
  text: { contextLength: 4, vocabularySize: 8, width: 8, layers: 1, heads: 2, mlpWidth: 16 },
  preprocess: clipPreprocessing,
};

describe.each(['cpu', 'wasm'] as const)('a cached encoder on %s', (backend) => {
  beforeAll(async () => {
    await startBackend(backend);
  });

  test('gives the bytes of the encoder, encodes only what is new, and leaks nothing', async () => {
    const before = tf.memory().numTensors;
    const encoder = await CountingEncoder.create();
    const cached = cachedEncoder(encoder, new FeatureCache(), { weights: 'w' });
    const [a, b, c] = [1, 2, 3].map((seed) =>
      tf.randomNormal<tf.Rank.R4>([1, 8, 8, 3], 0, 1, 'float32', seed),
    );
    const [first, second] = [tf.concat([a, b, a]), tf.concat([c, b])] as tf.Tensor4D[];
    const held = tf.memory().numTensors;
    for (const options of [
      {},
      { layers: [2, 1] },
      { layers: [2], valueAttentionFrom: 2, projectPatches: true },
    ]) {
      encoder.encoded = [];
      for (const images of [first, second, first]) {
        const actual = await cached.encode(images, options);
        expect(tf.memory().numTensors).toBe(held + 1 + actual.patches.size);
        const expected = encoder.tower.encode(images, options);
        await expectEqual(actual, expected);
      }
      expect(encoder.encoded).toEqual([2, 1]); // a and b, then c; the second a and all of the third batch are known
    }
    tf.dispose([a, b, c, first, second]);
    await cached.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a cached encoder', () => {
  beforeAll(async () => {
    await startBackend('cpu');
  });

  test('tells weights, sizes and options apart', async () => {
    const encoder = await CountingEncoder.create();
    const cache = new FeatureCache();
    const images = tf.ones<tf.Rank.R4>([1, 8, 8, 3]);
    const encode = async (weights: string, batch: tf.Tensor4D, options?: EncodeImagesOptions) => {
      const { image, patches } = await cachedEncoder(encoder, cache, { weights }).encode(batch, options);
      tf.dispose([image, ...patches.values()]);
    };
    await encode('v', images);
    await encode('w', images);
    await encode('w', tf.ones([1, 4, 16, 3])); // as many pixels
    await encode('w', images, { layers: [1] });
    await encode('w', images, { layers: [1], projectPatches: true });
    await encode('w', images, { layers: [1], valueAttentionFrom: 1 });
    expect(encoder.encoded).toEqual([1, 1, 1, 1, 1, 1]);
    await encode('w', images, { layers: [1, 1], valueAttentionFrom: 1 }); // the same layers
    expect(encoder.encoded.length).toBe(6);
    await encoder.dispose();
  });

  test('ignores an entry that does not fit the encoder', async () => {
    const encoder = await CountingEncoder.create();
    const set = new Map([['image', { shape: [5], data: new Float32Array(5) }]]);
    const cache = new FeatureCache();
    cache.get = async () => set;
    const { image } = await cachedEncoder(encoder, cache, { weights: 'w' }).encode(tf.ones([1, 8, 8, 3]));
    expect(image.shape).toEqual([1, 6]);
    expect(encoder.encoded).toEqual([1]);
    await encoder.dispose();
  });

  test('passes on what the encoder says about wrong images and leaks nothing', async () => {
    const encoder = await CountingEncoder.create();
    const cached = cachedEncoder(encoder, new FeatureCache(), { weights: 'w' });
    const [planar, flat] = [tf.ones<tf.Rank.R4>([1, 3, 8, 8]), tf.ones([8, 8, 3])];
    const held = tf.memory().numTensors;
    await expect(cached.encode(planar)).rejects.toThrow(ShapeError);
    await expect(cached.encode(flat as tf.Tensor4D)).rejects.toThrow(ShapeError);
    expect(tf.memory().numTensors).toBe(held);
    await cached.dispose();
  });
});

test('checkpointKey is the same for the same weights, and another when one value, shape or name is', async () => {
  const base = await checkpointKey(weights());
  expect(await checkpointKey(weights())).toBe(base);
  const { shapes, read } = weights();
  const reversed = { shapes: new Map([...shapes].reverse()), read };
  expect(await checkpointKey(reversed)).toBe(base);
  const changed: Checkpoint = {
    shapes,
    read: async (name) => {
      const values = await read(name);
      if (name === 'visual.proj') values[7] += 1;
      return values;
    },
  };
  expect(await checkpointKey(changed)).not.toBe(base);
  expect(await checkpointKey({ shapes: new Map(shapes).set('visual.proj', [6, 8]), read })).not.toBe(base);
});

/** A tiny tower that counts the images it has encoded. */
class CountingEncoder implements ImageEncoder {
  readonly config = config.vision;
  readonly embeddingWidth = config.embeddingWidth;
  encoded: number[] = [];

  static async create(): Promise<CountingEncoder> {
    return new CountingEncoder(await VisionTower.load(weights(), config));
  }

  constructor(readonly tower: VisionTower) {}

  encode(images: tf.Tensor4D, options?: EncodeImagesOptions): ImageFeatures {
    const features = this.tower.encode(images, options);
    this.encoded.push(images.shape[0]);
    return features;
  }

  dispose(): void {
    this.tower.dispose();
  }
}

function weights(): Checkpoint {
  const { width, mlpWidth, layers } = config.vision;
  const shapes = new Map<string, number[]>([
    ['visual.conv1.weight', [width, 3, 4, 4]],
    ['visual.class_embedding', [width]],
    ['visual.positional_embedding', [5, width]],
    ['visual.proj', [width, config.embeddingWidth]],
  ]);
  const norm = (name: string) => shapes.set(`${name}.weight`, [width]).set(`${name}.bias`, [width]);
  norm('visual.ln_pre');
  norm('visual.ln_post');
  for (let layer = 0; layer < layers; layer++) {
    const block = `visual.transformer.resblocks.${layer}`;
    norm(`${block}.ln_1`);
    norm(`${block}.ln_2`);
    shapes
      .set(`${block}.attn.in_proj_weight`, [3 * width, width])
      .set(`${block}.attn.in_proj_bias`, [3 * width]);
    shapes.set(`${block}.attn.out_proj.weight`, [width, width]).set(`${block}.attn.out_proj.bias`, [width]);
    shapes.set(`${block}.mlp.c_fc.weight`, [mlpWidth, width]).set(`${block}.mlp.c_fc.bias`, [mlpWidth]);
    shapes.set(`${block}.mlp.c_proj.weight`, [width, mlpWidth]).set(`${block}.mlp.c_proj.bias`, [width]);
  }
  return {
    shapes,
    read: async (name) => {
      const rng = createRng('tiny').fork(name);
      const length = (shapes.get(name) ?? []).reduce((product, side) => product * side, 1);
      return Float32Array.from({ length }, () => rng.normal(0, 0.3));
    },
  };
}

async function expectEqual(actual: ImageFeatures, expected: ImageFeatures): Promise<void> {
  expect([...actual.patches.keys()]).toEqual([...expected.patches.keys()]);
  const pairs = [
    [actual.image, expected.image],
    ...[...actual.patches].map(([layer, tokens]) => [tokens, expected.patches.get(layer)]),
  ];
  for (const [ours, theirs] of pairs) {
    expect(ours?.shape).toEqual(theirs?.shape);
    expect(await ours?.data()).toEqual(await theirs?.data());
    tf.dispose([ours ?? [], theirs ?? []]);
  }
}
