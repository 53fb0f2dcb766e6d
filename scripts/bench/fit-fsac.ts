import { setUpBackend } from '@anomclip/core/backend';
import { Clip, clipConfig } from '@anomclip/core/clip';
import { createOnnxImageEncoder, type OnnxRuntime } from '@anomclip/core/encoder';
import type { Image } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import { type FsacDetector, fitFsac, type PartialFsacConfig } from '@anomclip/methods/clip-fsac-pp';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import type { FsacSetting } from './cases/clip-fsac-pp.js';
import { randomClip } from './random-clip.js';
import { serve } from './serve.js';

/** Trains CLIP-FSAC++ at full size on random weights, or scores test images, whenever it is told to. */
const { work: wanted, dataset, shots, epochs, side } = JSON.parse(process.argv[2]) as FsacSetting;
const config = clipConfig('ViT-B-16-plus-240');
await setUpBackend('wasm');
const ort = (await import('onnxruntime-node')) as OnnxRuntime;
const megabytesAtStart = process.resourceUsage().maxRSS / 1024;

const clip = new Clip(config, { vision: await createOnnxImageEncoder(ort, randomClip(config), config) });
const text = tf.randomNormal([2, config.embeddingWidth], 0, 1, 'float32', 1) as tf.Tensor2D;
const images = Array.from({ length: Math.max(shots, 8) }, (_, i) => photograph(i));

function trainDetector(given: PartialFsacConfig): Promise<FsacDetector> {
  return fitFsac(clip, images.slice(0, shots), given, { className: 'candle', text });
}

async function train(): Promise<void> {
  (await trainDetector({ dataset, epochs })).dispose();
}

async function score(): Promise<void> {
  await detector?.scoreImages(images.slice(0, 8));
}

const detector = wanted === 'score' ? await trainDetector({ dataset, epochs: 1 }) : undefined;
await serve(`${wanted},`, detector ? score : train, megabytesAtStart);

/** A smooth picture with some noise, as an object before a background is. */
function photograph(seed: number): Image {
  const rng = createRng(seed);
  const [u, v] = [rng.uniform(0.01, 0.05), rng.uniform(0.01, 0.05)];
  const data = new Uint8Array(side * side * 3);
  for (let i = 0; i < data.length; i++) {
    const [row, column] = [Math.floor(i / (3 * side)), Math.floor(i / 3) % side];
    data[i] = 128 + 60 * Math.sin(u * row + (i % 3)) * Math.cos(v * column) + rng.integer(0, 8);
  }
  return ndarray(data, [side, side, 3]);
}
