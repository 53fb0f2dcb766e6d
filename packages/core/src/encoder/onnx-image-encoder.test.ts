import * as tf from '@tensorflow/tfjs';
import * as ortNode from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';
import { beforeAll, describe, expect, test } from 'vitest';
import { setUpBackend } from '../backend/index.js';
import { type ClipConfig, type ImageFeatures, parseClipConfig, VisionTower } from '../clip/index.js';
import { ArgumentError, FormatError, ShapeError } from '../errors.js';
import { largestDifference } from '../testing/arrays.fixture.js';
import { GoldenFile, hasShared } from '../testing/golden.fixture.js';
import { smallCheckpoint, smallConfig, smallPixels } from '../testing/small-tower.fixture.js';
import { EncoderError } from './encoder-error.js';
import { createOnnxImageEncoder, type OnnxImageEncoderOptions } from './onnx-image-encoder.js';
import type { OnnxRuntime } from './onnx-runtime.js';

const native = ortNode as OnnxRuntime;
const runtimes = [
  ['onnxruntime-node', native],
  ['onnxruntime-web', ortWeb as unknown as OnnxRuntime],
] as const;

beforeAll(async () => {
  await setUpBackend('cpu');
});

function images(batch: number, height = 32, width = height): tf.Tensor4D {
  return tf.tensor4d(smallPixels(batch, height, width), [batch, height, width, 3]);
}

function dispose(...features: ImageFeatures[]): void {
  for (const { image, patches } of features) tf.dispose([image, [...patches.values()]]);
}

async function expectSame(actual: ImageFeatures, expected: ImageFeatures, tolerance: number): Promise<void> {
  expect([...actual.patches.keys()]).toEqual([...expected.patches.keys()]);
  const pairs = [
    [actual.image, expected.image],
    ...[...actual.patches].map(([layer, patches]) => [patches, expected.patches.get(layer) as tf.Tensor3D]),
  ];
  for (const [ours, theirs] of pairs) {
    expect(ours.shape).toEqual(theirs.shape);
    expect(largestDifference(await ours.data(), await theirs.data())).toBeLessThan(tolerance);
  }
}

/** OpenAI's CLIP under the names of the file's metadata; of the text tower nothing is used. */
function pointadConfig(golden: GoldenFile): ClipConfig {
  const given = JSON.parse(golden.metadata.config) as Record<string, number>;
  const vision = {
    imageSize: given.image_resolution,
    patchSize: given.vision_patch_size,
    width: given.vision_width,
    layers: given.vision_layers,
    heads: Number(golden.metadata.heads_vision),
    mlpWidth: 4 * given.vision_width,
  };
  return { ...smallConfig, embeddingWidth: given.embed_dim, activation: 'quick-gelu', vision };
}

const small = (options: OnnxImageEncoderOptions = {}, ort = native) =>
  createOnnxImageEncoder(ort, smallCheckpoint(), smallConfig, options);

test.each(runtimes)('windows on %s equal those of tfjs', async (_, ort) => {
  const tower = await VisionTower.load(smallCheckpoint(), smallConfig);
  const encoder = await small({ layers: [2, 3] }, ort);
  const input = images(2);
  const before = tf.memory().numTensors;
  const [ours, theirs] = [await encoder.encodeWindows(input, [2, 3]), tower.encodeWindows(input, [2, 3])];
  for (const [size, windows] of theirs) {
    const same = ours.get(size) as tf.Tensor3D;
    expect(same.shape).toEqual(windows.shape);
    expect(largestDifference(await same.data(), await windows.data())).toBeLessThan(1e-4);
  }
  tf.dispose([[...ours.values()], [...theirs.values()]]);
  await expect(encoder.encodeWindows(input, [5])).rejects.toThrow(ArgumentError);
  expect(tf.memory().numTensors).toBe(before);
  input.dispose();
  tower.dispose();
  await encoder.dispose();
});

describe.skipIf(!hasShared).each(runtimes)('on %s (skipped where ../shared is absent)', (_, ort) => {
  test.each(['clip-gelu', 'clip-quickgelu'])('every feature of %s equals that of tfjs', async (name) => {
    const golden = new GoldenFile(`golden/${name}.safetensors`);
    const config: ClipConfig = parseClipConfig(`{ "model_cfg": ${golden.metadata.config} }`);
    const checkpoint = golden.checkpoint('weights.');
    const depth = config.vision.layers;
    const layers = Array.from({ length: depth }, (_, i) => i + 1);
    const { values, shape } = golden.nhwc('input.image_nchw');
    const input = tf.tensor4d(values, shape);
    const tower = await VisionTower.load(checkpoint, config);
    for (const options of [
      {},
      { layers },
      { layers, valueAttentionFrom: 2 },
      { layers, valueAttentionFrom: 2, projectPatches: true },
      { layers: [1], valueAttentionFrom: 2 },
      { layers: [depth - 1], valueAttentionFrom: 1 },
    ]) {
      const encoder = await createOnnxImageEncoder(ort, checkpoint, config, options);
      const expected = tower.encode(input, options);
      const before = tf.memory().numTensors;
      const actual = await encoder.encode(input, options);
      expect(tf.memory().numTensors).toBe(before + 1 + actual.patches.size);
      await expectSame(actual, expected, 1e-4);
      dispose(actual, expected);
      await encoder.dispose();
    }
    tf.dispose(input);
    tower.dispose();
  });

  test('the value-value features of pointad-train-step are the golden ones', async () => {
    const golden = new GoldenFile('golden/pointad-train-step.safetensors');
    const config = pointadConfig(golden);
    const layers = JSON.parse(golden.metadata.feature_layers) as number[];
    const replaced = Number(golden.metadata.dpam_layers_argument) - 1;
    const encoder = await createOnnxImageEncoder(ort, golden.checkpoint('weights.'), config, {
      layers,
      valueAttentionFrom: config.vision.layers - replaced + 1,
      projectPatches: true,
    });
    const { values, shape } = golden.nhwc('input.renderings_nchw');
    const input = tf.tensor4d(values, shape);
    const features = await encoder.encode(input);
    const expected = golden.values('output.image_features_unnormalised');
    expect(largestDifference(await features.image.data(), expected)).toBeLessThan(1e-4);
    for (const [layer, patches] of features.patches) {
      const name = `output.patch_features_layer_${layer}`;
      const [batch, tokens, width] = golden.shape(name);
      const all = tf.tensor3d(golden.values(name), [batch, tokens, width]);
      const rows = patches.shape[1];
      const withoutClass = await tf.slice(all, [0, tokens - rows, 0], [-1, rows, -1]).data();
      expect(largestDifference(await patches.data(), withoutClass), `layer ${layer}`).toBeLessThan(1e-4);
    }
    await encoder.dispose();
    dispose(features);
    tf.dispose(input);
  });
});

describe.each(runtimes)('on %s', (_, ort) => {
  test.each([
    ['larger', 48, 48],
    ['smaller and oblong', 16, 24],
  ] as const)('images that are %s than those trained for', async (_, height, width) => {
    const options = { layers: [1, 3], valueAttentionFrom: 2 };
    const encoder = await small(options, ort);
    const tower = await VisionTower.load(smallCheckpoint(), smallConfig);
    const input = images(2, height, width);
    const [actual, expected] = [await encoder.encode(input), tower.encode(input, options)];
    await expectSame(actual, expected, 1e-4);
    dispose(actual, expected);
    tf.dispose(input);
    tower.dispose();
    await encoder.dispose();
  });

  test('a batch of many runs gives what its images give one by one', async () => {
    const encoder = await small({ layers: [2], projectPatches: true }, ort);
    const input = images(33);
    const all = await encoder.encode(input);
    for (const i of [0, 14, 15, 32]) {
      const one = tf.slice(input, [i, 0, 0, 0], [1, -1, -1, -1]);
      const features = await encoder.encode(one);
      const row = { image: tf.slice(all.image, [i, 0], [1, -1]), patches: new Map() };
      const patches = tf.slice(all.patches.get(2) as tf.Tensor3D, [i, 0, 0], [1, -1, -1]);
      await expectSame(features, { ...row, patches: new Map([[2, patches]]) }, 1e-5);
    }
    await encoder.dispose();
  });

  test('encodings at the same time do not mix, and disposing waits for them', async () => {
    const encoder = await small({}, ort);
    const inputs = [1, 2, 3].map((batch) => images(batch, 32, 8 * (batch + 2)));
    const alone = [];
    for (const input of inputs) alone.push(await encoder.encode(input));
    const together = inputs.map((input) => encoder.encode(input));
    await Promise.resolve();
    const disposed = [encoder.dispose(), encoder.dispose()];
    const results = await Promise.allSettled(together);
    await Promise.all(disposed);
    for (const [i, result] of results.entries()) {
      // What had not begun when the encoder was disposed is refused, never wrong.
      if (result.status === 'fulfilled') await expectSame(result.value, alone[i], 1e-6);
      else expect(result.reason).toBeInstanceOf(EncoderError);
    }
    await expect(encoder.encode(inputs[0])).rejects.toThrow(/the encoder is disposed; make a new one/);
  });

  test('int8 agrees with float32 as well as it says', async () => {
    const before = tf.memory().numTensors;
    const encoder = await small(
      { layers: [1, 3], precision: 'int8', selfCheck: { minimumCosine: 0.9 } },
      ort,
    );
    expect(tf.memory().numTensors).toBe(before);
    expect(encoder.precision).toBe('int8');
    expect(encoder.agreement).toBeGreaterThan(0.99);
    expect(encoder.agreement).toBeLessThan(1);
    await encoder.dispose();
  });
});

describe('the self-check of int8', () => {
  test('throws below the limit, with both numbers', async () => {
    const before = tf.memory().numTensors;
    await expect(small({ precision: 'int8', selfCheck: { minimumCosine: 1.1 } })).rejects.toThrow(
      /agree with float32 to a cosine of (0\.99\d+|1\.00000), below 1\.1; use float32/,
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  test('falls back to float32 where that is asked for', async () => {
    const encoder = await small({ precision: 'int8', selfCheck: { minimumCosine: 1, onFailure: 'float32' } });
    expect(encoder.precision).toBe('float32');
    expect(encoder.agreement).toBeLessThan(1);
    await encoder.dispose();
  });

  test('compares with the features that it is given', async () => {
    const input = images(2);
    const exact = await small();
    const reference = await exact.encode(input);
    const encoder = await small({ precision: 'int8', selfCheck: { images: input, reference } });
    expect(encoder.agreement).toBeGreaterThan(0.99);
    const wrong = { image: tf.neg(reference.image) as tf.Tensor2D, patches: new Map() };
    await expect(
      small({ precision: 'int8', selfCheck: { images: input, reference: wrong } }),
    ).rejects.toThrow(EncoderError);
    expect(input.isDisposed || reference.image.isDisposed).toBe(false);
    await exact.dispose();
    await encoder.dispose();
  });

  test('is left out on request', async () => {
    const encoder = await small({ precision: 'int8', selfCheck: false });
    expect(encoder.agreement).toBeUndefined();
    await encoder.dispose();
  });
});

describe('refuses with the way out', () => {
  test.each([
    ['a layer that does not exist', { layers: [4] }, /layers from 1 to 3, got 4/],
    ['an unknown precision', { precision: 'float16' as 'int8' }, /'float32' or 'int8', got "float16"/],
  ] as const)('%s', async (_, options, message) => {
    await expect(small(options as OnnxImageEncoderOptions)).rejects.toThrow(message);
    await expect(small(options as OnnxImageEncoderOptions)).rejects.toThrow(ArgumentError);
  });

  test('weights that are missing or belong to another configuration', async () => {
    const other = { ...smallConfig, embeddingWidth: 13 };
    await expect(createOnnxImageEncoder(native, smallCheckpoint(), other)).rejects.toThrow(FormatError);
    const empty = { ...smallCheckpoint(), shapes: new Map() };
    await expect(createOnnxImageEncoder(native, empty, smallConfig)).rejects.toThrow(/is missing/);
  });

  test('features that were not compiled in, and images that do not fit', async () => {
    const encoder = await small({ layers: [2] });
    await expect(encoder.encode(images(1), { layers: [3] })).rejects.toThrow(/createOnnxImageEncoder\(\)/);
    await expect(encoder.encode(images(1), { valueAttentionFrom: 1 })).rejects.toThrow(ArgumentError);
    for (const wrong of [tf.zeros([1, 3, 32, 32]), tf.zeros([1, 30, 32, 3]), tf.zeros([32, 32, 3])]) {
      await expect(encoder.encode(wrong as tf.Tensor4D)).rejects.toThrow(ShapeError);
    }
    await encoder.dispose();
  });

  test('what the runtime itself refuses, as an EncoderError with its cause', async () => {
    const failing: OnnxRuntime = {
      Tensor: native.Tensor,
      InferenceSession: {
        create: async () => ({
          run: () => Promise.reject(new Error('bad_alloc')),
          release: async () => {},
        }),
      },
    };
    const encoder = await small({}, failing);
    await expect(encoder.encode(images(1))).rejects.toThrow(/ONNX Runtime fails while it runs: bad_alloc/);
    await expect(encoder.encode(images(1)), 'and the next is tried').rejects.toThrow(EncoderError);
    await encoder.dispose();
    const provider = small({ session: { executionProviders: ['no such provider'] } });
    await expect(provider).rejects.toThrow(/ONNX Runtime does not load the model: .*no such provider/);
  });
});
