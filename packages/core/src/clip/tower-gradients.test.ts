import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { createRng } from '../random/index.js';
import { describeOnBackends } from '../testing/backends.fixture.js';
import { tinyClipFiles, tinyClipWeights, tinyConfig } from '../testing/tiny-clip.fixture.js';
import { type Checkpoint, readSafetensors, safetensorsCheckpoint } from '../weights/index.js';
import { loadClip } from './load-clip.js';
import { VisionTower } from './vision.js';

/** Numbers that are the same every time. */
function random(name: string, length: number): Float32Array {
  const rng = createRng('gradients').fork(name);
  return Float32Array.from({ length }, () => rng.normal());
}

/** The analytic gradient along a direction, and central differences of the loss along it. */
async function slopes<T extends tf.Tensor>(at: T, direction: T, loss: (x: tf.Tensor) => tf.Scalar) {
  const gradient = tf.grad((x) => loss(x))(at);
  const step = 1e-2;
  const [analytic, ahead, behind] = await Promise.all([
    tf.sum(tf.mul(gradient, direction)).data(),
    loss(tf.add(at, tf.mul(direction, step))).data(),
    loss(tf.sub(at, tf.mul(direction, step))).data(),
  ]);
  return { analytic: analytic[0], numeric: (ahead[0] - behind[0]) / (2 * step) };
}

describeOnBackends('gradients of the towers', (backend) => {
  // A software adapter takes 40 s for the shaders of these two; the parity of training covers gradients there.
  const testSlope = test.skipIf(backend === 'webgpu');

  testSlope('the pixels of an image, also of a larger one, have the slope of the features', async () => {
    const clip = await loadClip(tinyClipFiles(), { towers: ['vision'] });
    const weights = tf.tensor2d(random('weights', 6), [6, 1]);
    for (const [height, width] of [
      [8, 8],
      [8, 12],
    ]) {
      const at = tf.tensor4d(random('pixels', height * width * 3), [1, height, width, 3]);
      const direction = tf.tensor4d(random('direction', height * width * 3), [1, height, width, 3]);
      const { analytic, numeric } = await slopes(at, tf.mul(direction, 0.1) as tf.Tensor4D, (pixels) => {
        const features = (clip.vision as VisionTower).encode(pixels as tf.Tensor4D, {
          layers: [2, 3],
          valueAttentionFrom: 2,
          projectPatches: true,
        });
        const rows = [features.image, ...features.patches.values()].map((x) => tf.reshape(x, [-1, 6]));
        return tf.sum(tf.matMul(tf.concat(rows, 0) as tf.Tensor2D, weights)) as tf.Scalar;
      });
      expect(Math.abs(numeric)).toBeGreaterThan(1e-3);
      expect(analytic / numeric).toBeCloseTo(1, 2);
    }
    await clip.dispose();
  });

  testSlope('learnable vectors and deep prompts have the slope of the embedding', async () => {
    const clip = await loadClip(tinyClipFiles(), { towers: ['text'] });
    const ids = clip.tokenizer.encode(['a damaged part', 'a part']);
    const ends = ids.map((row) => row.length - 1);
    const weights = tf.tensor2d(random('weights', 6), [6, 1]);
    const embeddings = clip.text.embed(ids);
    const deep = [tf.tensor2d(random('deep 1', 16), [2, 8]), tf.tensor2d(random('deep 2', 8), [1, 8])];
    const loss = (x: tf.Tensor3D, deepPrompts: tf.Tensor2D[]) =>
      tf.sum(tf.matMul(clip.text.encodeEmbeddings(x, ends, { deepPrompts }), weights)) as tf.Scalar;

    const alongEmbeddings = await slopes(
      embeddings,
      tf.tensor3d(random('along', embeddings.size), embeddings.shape).mul(0.1) as tf.Tensor3D,
      (x) => loss(x as tf.Tensor3D, deep),
    );
    const alongDeep = await slopes(
      deep[0],
      tf.mul(tf.tensor2d(random('along deep', 16), [2, 8]), 0.1) as tf.Tensor2D,
      (x) => loss(embeddings, [x as tf.Tensor2D, deep[1]]),
    );
    for (const { analytic, numeric } of [alongEmbeddings, alongDeep]) {
      expect(Math.abs(numeric)).toBeGreaterThan(1e-3);
      expect(analytic / numeric).toBeCloseTo(1, 2);
    }
    await clip.dispose();
  });

  test('leaving out what follows the end tokens changes nothing', async () => {
    const clip = await loadClip(tinyClipFiles(), { towers: ['text'] });
    const [ids] = clip.tokenizer.encode(['a damaged part']);
    const padded = [...ids, ...new Array<number>(12 - ids.length).fill(0)];
    const [short, long] = await Promise.all([
      clip.text.encode([ids]).data(),
      // An end position at the last place of another row makes both rows run at full length.
      clip.text
        .encodeEmbeddings(clip.text.embed([padded, padded]), [ids.length - 1, 11])
        .slice([0, 0], [1, 6])
        .data(),
    ]);
    for (const [i, value] of short.entries())
      expect(long[i]).toBeCloseTo(value, backend === 'webgpu' ? 3 : 5);
    await clip.dispose();
  });

  test('for another size the position embeddings are interpolated bilinearly, half-pixel centres', async () => {
    const file = withoutBlocks(safetensorsCheckpoint(readSafetensors(tinyClipWeights())));
    const tower = await VisionTower.load(file, tinyConfig);
    const [rows, columns] = [3, 5];
    const pixels = random('pixels', rows * 4 * columns * 4 * 3);
    const images = tf.tensor4d(pixels, [1, rows * 4, columns * 4, 3]);
    const tokens = await (tower.encode(images, { layers: [3] }).patches.get(3) as tf.Tensor3D).data();
    const expected = await embeddedByHand(file, pixels, rows, columns);
    expect(tokens.length).toBe(expected.length);
    for (const [i, value] of expected.entries()) {
      expect(tokens[i]).toBeCloseTo(value, backend === 'webgpu' ? 2 : 4);
    }
    tower.dispose();
  });
});

/** A checkpoint whose blocks add nothing: patch tokens stay what the embedding made of them. */
function withoutBlocks(file: Checkpoint): Checkpoint {
  return {
    ...file,
    read: async (name) => {
      const values = await file.read(name);
      return /attn.out_proj|mlp.c_proj/.test(name) ? values.fill(0) : values;
    },
  };
}

/** Patch embedding, interpolated positions and layer norm, one number at a time: [rows·columns, W]. */
async function embeddedByHand(
  file: Checkpoint,
  pixels: Float32Array,
  rows: number,
  columns: number,
): Promise<number[]> {
  const { patchSize, width } = tinyConfig.vision;
  const names = ['conv1.weight', 'positional_embedding', 'ln_pre.weight', 'ln_pre.bias'];
  const [kernel, positions, scale, shift] = await Promise.all(
    names.map((name) => file.read(`visual.${name}`)),
  );
  const taps = (i: number, to: number) => {
    const centre = Math.min(1, Math.max(0, ((i + 0.5) * 2) / to - 0.5)); // in the stored 2×2 grid
    return [1 - centre, centre];
  };
  const tokens: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const token = Array.from({ length: width }, (_, out) => {
        let sum = 0;
        for (const [y, ofRow] of taps(row, rows).entries()) {
          for (const [x, ofColumn] of taps(column, columns).entries()) {
            sum += ofRow * ofColumn * positions[(1 + y * 2 + x) * width + out];
          }
        }
        for (let y = 0; y < patchSize; y++) {
          for (let x = 0; x < patchSize; x++) {
            for (let channel = 0; channel < 3; channel++) {
              const at = ((row * patchSize + y) * columns * patchSize + column * patchSize + x) * 3 + channel;
              sum += pixels[at] * kernel[((out * 3 + channel) * patchSize + y) * patchSize + x];
            }
          }
        }
        return sum;
      });
      const mean = token.reduce((a, b) => a + b, 0) / width;
      const variance = token.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
      for (const [i, value] of token.entries()) {
        tokens.push(((value - mean) / Math.sqrt(variance + 1e-5)) * scale[i] + shift[i]);
      }
    }
  }
  return tokens;
}
