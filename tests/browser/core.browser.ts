/// <reference types="vite/client" />
import { setUpBackend } from '@anomclip/core/backend';
import { VisionTower } from '@anomclip/core/clip';
import { createOnnxImageEncoder, type ImageEncoder, type OnnxRuntime } from '@anomclip/core/encoder';
import { decodePng, encodePng } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import { readSafetensors, writeSafetensors } from '@anomclip/core/weights';
import * as tf from '@tensorflow/tfjs';
import plainBinary from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simdBinary from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedBinary from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import ndarray from 'ndarray';
import * as ort from 'onnxruntime-web';
import { beforeAll, expect, test } from 'vitest';
import {
  smallCheckpoint,
  smallConfig,
  smallPixels,
} from '../../packages/core/src/testing/small-tower.fixture.js';

const options = { layers: [2, 3], valueAttentionFrom: 2, projectPatches: true };
let expected: Float32Array[];

/** Features of two small images: the embedding, then the layers'. */
async function encode(encoder: ImageEncoder): Promise<Float32Array[]> {
  const images = tf.tensor4d(smallPixels(2, 32, 32), [2, 32, 32, 3]);
  const { image, patches } = await encoder.encode(images, options);
  const tensors = [image, ...patches.values()];
  const values = await Promise.all(tensors.map((tensor) => tensor.data<'float32'>()));
  tf.dispose([images, ...tensors]);
  await encoder.dispose();
  return values;
}

function expectClose(actual: Float32Array[], tolerance: number): void {
  expect(actual.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  for (const [i, values] of actual.entries()) {
    const errors = values.map((value, k) => Math.abs(value - expected[i][k]));
    expect(errors.reduce((largest, error) => Math.max(largest, error), 0)).toBeLessThan(tolerance);
  }
}

beforeAll(async () => {
  await setUpBackend('cpu');
  expected = await encode(await VisionTower.load(smallCheckpoint(), smallConfig));
});

test('the vision tower gives the same features on webgpu as on cpu, without an error of the device', async () => {
  const backend = await setUpBackend('webgpu');
  tf.env().set('WEBGPU_CPU_FORWARD', false);
  expectClose(await encode(await VisionTower.load(smallCheckpoint(), smallConfig)), 2e-3);
  expect(backend.errors).toEqual([]);
});

test('the vision tower gives the same features on wasm as on cpu', async () => {
  const wasmPaths = {
    'tfjs-backend-wasm.wasm': plainBinary,
    'tfjs-backend-wasm-simd.wasm': simdBinary,
    'tfjs-backend-wasm-threaded-simd.wasm': threadedBinary,
  };
  await setUpBackend('wasm', { wasmPaths });
  const { name } = await setUpBackend('wasm', { wasmPaths }); // again, as an application may
  expect(name).toBe('wasm');
  expectClose(await encode(await VisionTower.load(smallCheckpoint(), smallConfig)), 1e-4);
});

test('ONNX Runtime for the web gives the same features as cpu', async () => {
  await setUpBackend('cpu');
  const runtime = ort as unknown as OnnxRuntime;
  expectClose(
    await encode(await createOnnxImageEncoder(runtime, smallCheckpoint(), smallConfig, options)),
    1e-4,
  );
});

test('the entries without tensors work', async () => {
  const pixels = Uint8Array.from({ length: 4 * 5 * 3 }, () => createRng(3).integer(0, 256));
  expect(decodePng(encodePng(ndarray(pixels, [4, 5, 3]))).data).toEqual(pixels);
  const bytes = writeSafetensors({ bank: { shape: [2], data: Float32Array.of(1, 2) } }, {});
  expect(readSafetensors(bytes).tensors.get('bank')?.data).toEqual(Float32Array.of(1, 2));
  const entries = await Promise.all([
    import('@anomclip/core'),
    import('@anomclip/metrics'),
    import('@anomclip/pointcloud'),
    import('@anomclip/synth'),
  ]);
  for (const entry of entries) expect(Object.keys(entry).length).toBeGreaterThan(0);
});
