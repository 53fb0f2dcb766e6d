import { setUpBackend } from '@anomclip/core/backend';
import { clipConfig, VisionTower } from '@anomclip/core/clip';
import { createOnnxImageEncoder, type ImageEncoder, type OnnxRuntime } from '@anomclip/core/encoder';
import * as tf from '@tensorflow/tfjs';
import type { EncodeSetting } from './cases/encoder.js';
import { randomClip } from './random-clip.js';
import { serve } from './serve.js';

/** Encodes images whenever it is told to, in a process of its own; its argument is an `EncodeSetting`. */
const setting = JSON.parse(process.argv[2]) as EncodeSetting;
const { engine, model, layers, valueAttentionFrom, images, oneBatch, threads } = setting;
const config = clipConfig(model);
const checkpoint = randomClip(config);
const features = { layers, valueAttentionFrom, projectPatches: true };
await setUpBackend(engine === 'tfjs-wasm' ? 'wasm' : 'cpu');
const runtime = await importRuntime();
const megabytesAtStart = process.resourceUsage().maxRSS / 1024;

const encoder = await createEncoder();
const size = config.vision.imageSize;
const batch = oneBatch ? images : 1;
const pixels = Float32Array.from({ length: batch * size * size * 3 }, (_, i) => Math.sin(0.37 * i));
const input = tf.tensor4d(pixels, [batch, size, size, 3]);

async function work(): Promise<void> {
  for (let i = 0; i < images; i += batch) {
    const { image, patches } = await encoder.encode(input, features);
    await Promise.all([image, ...patches.values()].map((tensor) => tensor.data()));
    tf.dispose([image, [...patches.values()]]);
  }
}

await serve(`${engine}${threads ? `, threads ${threads}` : ''},`, work, megabytesAtStart);

async function importRuntime(): Promise<OnnxRuntime | undefined> {
  if (engine === 'tfjs-wasm') return undefined;
  if (engine !== 'web') return (await import('onnxruntime-node')) as OnnxRuntime;
  const web = await import('onnxruntime-web');
  web.env.wasm.numThreads = threads || 1;
  return web as unknown as OnnxRuntime;
}

async function createEncoder(): Promise<ImageEncoder> {
  if (!runtime) return VisionTower.load(checkpoint, config);
  return createOnnxImageEncoder(runtime, checkpoint, config, {
    ...features,
    precision: engine === 'native-int8' ? 'int8' : 'float32',
    selfCheck: false,
    session: threads && engine !== 'web' ? { intraOpNumThreads: threads } : undefined,
  });
}
