import { existsSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe } from 'vitest';
import { type Backend, type BackendName, setUpBackend } from '../backend/index.js';
import { hasShared } from './golden.fixture.js';

/** Chromium's software Vulkan driver: enough for WebGPU in Node on a machine without a GPU. */
const softwareDriver = '/usr/lib/chromium/vk_swiftshader_icd.json';

const hasWebgpu = existsSync(process.env.VK_ICD_FILENAMES ?? softwareDriver);

/** What tensor code is tested on. */
const testBackends = ['cpu', 'wasm', 'webgpu'] as const satisfies readonly BackendName[];

/** Behaviour that golden results show, on every backend; the title says what a skipped one lacks. */
export function describeOnBackends(title: string, body: (backend: BackendName) => void): void {
  for (const backend of testBackends) {
    const lacking = !hasShared
      ? '../shared'
      : backend === 'webgpu' && !hasWebgpu
        ? 'a Vulkan driver'
        : undefined;
    const name = `${title} on ${backend}${lacking ? ` (skipped: ${lacking} is absent)` : ''}`;
    describe.skipIf(lacking !== undefined)(name, () => {
      beforeAll(async () => {
        await startBackend(backend);
      });
      body(backend);
    });
  }
}

/** Sets a backend up as an application would, on webgpu with every computation on the GPU however small. */
export async function startBackend(name: BackendName): Promise<Backend> {
  if (name !== 'webgpu') return setUpBackend(name);
  process.env.VK_ICD_FILENAMES ??= softwareDriver;
  const backend = await setUpBackend('webgpu', { dawn: await import('webgpu') });
  tf.env().set('WEBGPU_CPU_FORWARD', false);
  return backend;
}
