import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FormatError } from '@anomclip/core';
import { type ClipConfig, clipPreprocessing, TextTower, VisionTower } from '@anomclip/core/clip';
import {
  byteSource,
  type Checkpoint,
  pytorchCheckpoint,
  readSafetensors,
  toFloat32,
} from '@anomclip/core/weights';
import * as tf from '@tensorflow/tfjs';
import { Golden, largestError } from '../golden.js';
import type { Compare } from '../parity.js';

/**
 * A PyTorch file. Weights that `expected.safetensors` beside it has must have its values, rounded as the file's dtypes
 * round; others must stand in the file as they were read. What is called malicious must be refused.
 */
export async function checkCheckpoint(path: string, compare: Compare): Promise<void> {
  const bytes = readFileSync(path);
  if (basename(path).startsWith('malicious')) {
    compare('refused for what it would run', (await isRefused(bytes)) ? 0 : 1, 0);
    return;
  }
  const golden = new Golden(
    readSafetensors(new Uint8Array(readFileSync(join(dirname(path), 'expected.safetensors')))),
  );
  const checkpoint = await pytorchCheckpoint(byteSource(bytes));
  const roundings = Object.entries(roundingOf).filter(([storage]) => bytes.includes(`torch\n${storage}\n`));
  let [known, largest] = [0, 0];
  for (const name of checkpoint.shapes.keys()) {
    const values = await checkpoint.read(name);
    const expected = [name, name.slice(name.indexOf('.') + 1)]
      .map((own) => `expected.${own}`)
      .find((own) => golden.has(own));
    if (!expected) {
      const isAsStored = await isStored(bytes, values, checkpoint.shapes.get(name) ?? []);
      compare(`${name} is as stored`, isAsStored ? 0 : 1, 0);
      continue;
    }
    const exact = golden.values(expected);
    known++;
    largest = Math.max(
      largest,
      ...[Math.min(...roundings.map(([, round]) => largestError(values, exact.map(round))))],
    );
  }
  if (known > 0) compare(`${known} weights`, largest, 0);
  const isExact = !bytes.includes('HalfStorage');
  if (isExact && checkpoint.shapes.has('visual.proj')) await compareFeatures(checkpoint, golden, compare);
}

async function isRefused(bytes: Uint8Array): Promise<boolean> {
  try {
    await pytorchCheckpoint(byteSource(bytes));
    return false;
  } catch (error) {
    return error instanceof FormatError && error.message.includes('could run code');
  }
}

/** What storing a float32 as another dtype makes of it: the nearest, of two equally near ones the even. */
const roundingOf: Readonly<Record<string, (value: number) => number>> = {
  FloatStorage: (value) => value,
  HalfStorage: (value) => {
    const step = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(value))), -14) - 10);
    const steps = Math.floor(value / step);
    const above = value / step - steps;
    return value === 0 ? 0 : (steps + (above > 0.5 || (above === 0.5 && steps % 2 !== 0) ? 1 : 0)) * step;
  },
  BFloat16Storage: (value) => {
    const [bits] = new Uint32Array(Float32Array.of(value).buffer);
    return toFloat32({
      dtype: 'BF16',
      data: Uint16Array.of((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16),
    })[0];
  },
};

/** Whether these elements are somewhere in the file, as float32 or int32, with the axes in this order or in reverse. */
async function isStored(file: Buffer, values: Float32Array, shape: readonly number[]): Promise<boolean> {
  const reversed = tf.tidy(() => tf.transpose(tf.tensor(values, [...shape])));
  const orders = [values, await reversed.data<'float32'>()];
  reversed.dispose();
  return orders
    .flatMap((order) => [Float32Array.from(order), Int32Array.from(order)])
    .some((numbers) => file.includes(Buffer.from(numbers.buffer)));
}

/** The towers made of the file against what the float32 model gave. */
async function compareFeatures(checkpoint: Checkpoint, golden: Golden, compare: Compare): Promise<void> {
  const config = configOf(checkpoint, golden.shape('input.image')[2]);
  const tolerance = tf.getBackend() === 'webgpu' ? 2e-3 : 2e-5;
  const vision = await VisionTower.load(checkpoint, config);
  const [count, channels, height, columns] = golden.shape('input.image');
  const images = tf.tidy(() =>
    tf.transpose(
      tf.tensor4d(golden.float32('input.image').data, [count, channels, height, columns]),
      [0, 2, 3, 1],
    ),
  );
  const { image } = vision.encode(images);
  compare('image features', largestError(await image.data(), golden.values('output.image')), tolerance);
  tf.dispose([images, image]);
  vision.dispose();

  const text = await TextTower.load(checkpoint, config);
  const [rows, length] = golden.shape('input.text');
  const ids = golden.values('input.text');
  const features = text.encode(
    Array.from({ length: rows }, (_, i) => ids.subarray(i * length, (i + 1) * length)),
  );
  compare('text features', largestError(await features.data(), golden.values('output.text')), tolerance);
  features.dispose();
  text.dispose();
}

/** OpenAI's models have heads of 64 and quick GELU; the rest is in the shapes. */
function configOf({ shapes }: Checkpoint, imageSize: number): ClipConfig {
  const shape = (name: string): readonly number[] => shapes.get(name) ?? [];
  const tower = (prefix: string, width: number) => ({
    width,
    layers: [...shapes.keys()].filter((name) => name.startsWith(prefix) && name.endsWith('.ln_1.weight'))
      .length,
    heads: Math.max(1, width / 64),
    mlpWidth: 4 * width,
  });
  const [width, , patchSize] = shape('visual.conv1.weight');
  const [contextLength, textWidth] = shape('positional_embedding');
  return {
    embeddingWidth: shape('visual.proj')[1],
    activation: 'quick-gelu',
    vision: { imageSize, patchSize, ...tower('visual.transformer.', width) },
    text: {
      contextLength,
      vocabularySize: shape('token_embedding.weight')[0],
      ...tower('transformer.', textWidth),
    },
    preprocess: clipPreprocessing,
  };
}
