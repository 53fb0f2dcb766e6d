import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseClipConfig, TextTower, VisionTower } from '@anomclip/core/clip';
import { createRng } from '@anomclip/core/random';
import { attention, gelu, layerNorm, linear, normalise, quickGelu, resize } from '@anomclip/core/tensor';
import { readSafetensors } from '@anomclip/core/weights';
import * as tf from '@tensorflow/tfjs';
import { checkpointOf, Golden, imagesOf } from './golden.js';

/** What every layer gives on the current backend, by name: the same inputs wherever it runs. */
export async function runLayers(folder: string): Promise<Map<string, Float32Array>> {
  const outputs = new Map<string, Float32Array>();
  await runTensorLayers(outputs);
  for (const file of readdirSync(folder).sort()) {
    if (!/^clip-(quick)?gelu\.safetensors$/.test(file)) continue;
    const golden = new Golden(readSafetensors(new Uint8Array(readFileSync(join(folder, file)))));
    await runTowers(file.replace('.safetensors', ''), golden, outputs);
  }
  return outputs;
}

async function runTensorLayers(outputs: Map<string, Float32Array>): Promise<void> {
  const [batch, tokens, width, heads] = [2, 9, 24, 3];
  const shape: [number, number, number] = [batch, tokens, width];
  const weight = tf.tensor2d(random('weight', width * 32), [width, 32]);
  const bias = tf.tensor1d(random('bias', 32));
  const scale = { weight: tf.tensor1d(random('scale', width)), bias: tf.tensor1d(random('shift', width)) };
  const [keys, values] = ['keys', 'values'].map((name) =>
    tf.tensor3d(random(name, batch * tokens * width), shape),
  );
  const mask = tf.tensor2d(
    Array.from({ length: tokens ** 2 }, (_, i) => (i % tokens > Math.floor(i / tokens) ? -1e9 : 0)),
    [tokens, tokens],
  );
  const grid = (x: tf.Tensor) => tf.reshape(x, [batch, 3, 9, 8]) as tf.Tensor4D;
  const layers: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
    linear: (x) => linear(x, { weight, bias }),
    layerNorm: (x) => layerNorm(x, scale),
    gelu: (x) => gelu(x),
    quickGelu: (x) => quickGelu(x),
    attention: (x) => attention(x, keys, values, heads),
    'attention, causal': (x) => attention(x, keys, values, heads, mask),
    'attention, values only': (x) => attention(x, x, x, heads),
    normalise: (x) => normalise(x),
    'resize, larger': (x) => resize(grid(x), 7, 20),
    'resize, corners aligned': (x) => resize(grid(x), 7, 20, { alignCorners: true }),
    'resize, bicubic, antialiased': (x) => resize(grid(x), 2, 4, { mode: 'bicubic', antialias: true }),
  };
  const input = tf.tensor3d(random('input', batch * tokens * width), shape);
  for (const [name, layer] of Object.entries(layers)) {
    await keep(
      outputs,
      name,
      tf.tidy(() => layer(input)),
    );
    const slope = tf.grad((x) => {
      const y = layer(x);
      return tf.sum(tf.mul(y, tf.tensor(random('along', y.size), y.shape)));
    });
    await keep(
      outputs,
      `${name}: gradient`,
      tf.tidy(() => slope(input)),
    );
  }
  tf.dispose([weight, bias, scale.weight, scale.bias, keys, values, mask, input]);
}

/** Every block of both towers. Text blocks are seen through towers cut off behind them. */
async function runTowers(file: string, golden: Golden, outputs: Map<string, Float32Array>): Promise<void> {
  const config = parseClipConfig(`{ "model_cfg": ${golden.setting('config')} }`);
  const checkpoint = checkpointOf(golden);
  const vision = await VisionTower.load(checkpoint, config);
  const images = imagesOf(golden, 'input.image_nchw');
  const layers = Array.from({ length: config.vision.layers }, (_, i) => i + 1);
  for (const [path, options] of [
    ['vision', {}],
    ['vision, value-value', { valueAttentionFrom: 2, projectPatches: true }],
  ] as const) {
    const { image, patches } = vision.encode(images, { layers, ...options });
    for (const [layer, rows] of patches) await keep(outputs, `${file} ${path}: block ${layer}`, rows);
    if (path === 'vision') await keep(outputs, `${file} ${path}: embedding`, image);
    else image.dispose();
  }
  images.dispose();
  vision.dispose();

  const [rows, length] = golden.shape('input.text_ids');
  const all = golden.values('input.text_ids');
  const ids = Array.from({ length: rows }, (_, i) => all.subarray(i * length, (i + 1) * length));
  for (let depth = 1; depth <= config.text.layers; depth++) {
    const text = await TextTower.load(checkpoint, { ...config, text: { ...config.text, layers: depth } });
    const name = depth === config.text.layers ? 'embedding' : `embedding behind block ${depth}`;
    await keep(outputs, `${file} text: ${name}`, text.encode(ids));
    text.dispose();
  }
}

async function keep(outputs: Map<string, Float32Array>, name: string, tensor: tf.Tensor): Promise<void> {
  outputs.set(name, Float32Array.from(await tensor.data()));
  tensor.dispose();
}

function random(name: string, length: number): Float32Array {
  const rng = createRng('layers').fork(name);
  return Float32Array.from({ length }, () => rng.normal());
}
