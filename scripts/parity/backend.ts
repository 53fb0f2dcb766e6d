import { existsSync } from 'node:fs';
import { type BackendName, setUpBackend } from '@anomclip/core/backend';
import * as tf from '@tensorflow/tfjs';

/** Chromium's software Vulkan driver: enough for WebGPU in Node on a machine without a GPU. */
const softwareDriver = '/usr/lib/chromium/vk_swiftshader_icd.json';

export async function startBackend(name: BackendName): Promise<void> {
  if (name !== 'webgpu') return void (await setUpBackend(name));
  if (existsSync(softwareDriver)) process.env.VK_ICD_FILENAMES ??= softwareDriver;
  await setUpBackend('webgpu', { dawn: await import('webgpu') });
  // Otherwise small inputs are computed by the cpu kernels, and nothing is shown about the GPU's.
  tf.env().set('WEBGPU_CPU_FORWARD', false);
}
