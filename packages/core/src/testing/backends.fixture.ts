import { existsSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { type Backend, type BackendName, setUpBackend } from '../backend/index.js';

/** Chromium's software Vulkan driver: enough for WebGPU in Node on a machine without a GPU. */
const softwareDriver = '/usr/lib/chromium/vk_swiftshader_icd.json';

const hasWebgpu = existsSync(process.env.VK_ICD_FILENAMES ?? softwareDriver);

/** What tensor code is tested on: webgpu as well where a Vulkan driver is found. */
export const testBackends: readonly BackendName[] = hasWebgpu ? ['cpu', 'wasm', 'webgpu'] : ['cpu', 'wasm'];

/** Sets a backend up as an application would, on webgpu with every computation on the GPU however small. */
export async function startBackend(name: BackendName): Promise<Backend> {
  if (name !== 'webgpu') return setUpBackend(name);
  process.env.VK_ICD_FILENAMES ??= softwareDriver;
  const backend = await setUpBackend('webgpu', { dawn: await import('webgpu') });
  tf.env().set('WEBGPU_CPU_FORWARD', false);
  return backend;
}
