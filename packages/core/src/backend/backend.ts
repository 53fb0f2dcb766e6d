import * as tf from '@tensorflow/tfjs';
import { ArgumentError } from '../errors.js';
import { BackendError } from './backend-error.js';
import { repairWasmKernels } from './wasm-kernels.js';

export type BackendName = 'cpu' | 'wasm' | 'webgpu' | 'webgl';

/** What WebGPU needs in Node, where no `navigator.gpu` exists: the `webgpu` package (Dawn). */
export interface DawnModule {
  create(flags: string[]): unknown;
  readonly globals: object;
}

export interface BackendOptions {
  /** Where the wasm binaries lie when a bundler has moved them: a folder's URL, or a URL for each of the three. */
  wasmPaths?: string | Record<string, string>;
  /** `await import('webgpu')`, in Node only. */
  dawn?: DawnModule;
  /** Dawn's start-up flags. @defaultValue `['backend=vulkan']` on Linux, else none */
  dawnFlags?: string[];
}

export interface Backend {
  readonly name: string;
  /** Errors that the GPU reported outside of any call; each means that some result is zeros. */
  readonly errors: readonly string[];
}

/**
 * Chooses and prepares TensorFlow.js's backend: the one call that touches its global state.
 *
 * - `'wasm'`: loads the backend and {@link repairWasmKernels | repairs its kernels}.
 * - `'webgpu'`: in a browser by itself, in Node with `dawn` given; collects the errors that the GPU reports.
 * - `'cpu'`, `'webgl'`: as TensorFlow.js has them.
 * - without a name: keeps the backend that the application has chosen, and repairs it if it is wasm.
 *
 * @throws {@link BackendError} when the backend is not installed or has no adapter here.
 */
export async function setUpBackend(name?: BackendName, options: BackendOptions = {}): Promise<Backend> {
  const errors: string[] = [];
  if (name === 'wasm') await loadWasm(options);
  if (name === 'webgpu') await loadWebgpu(options);
  if (name !== undefined && tf.findBackendFactory(name) === null) {
    throw new ArgumentError(
      'setUpBackend',
      "'cpu', 'wasm', 'webgpu' or 'webgl'",
      name,
      'register other backends yourself',
    );
  }
  if (name !== undefined && !(await tf.setBackend(name))) {
    throw new BackendError(`setUpBackend: the ${name} backend does not start on this machine`);
  }
  await tf.ready();
  const chosen = tf.getBackend();
  if (chosen === 'wasm') repairWasmKernels();
  if (chosen === 'webgpu') collectErrors(errors);
  return { name: chosen, errors };
}

async function loadWasm({ wasmPaths }: BackendOptions): Promise<void> {
  const wasm = await optional(() => import('@tensorflow/tfjs-backend-wasm'), '@tensorflow/tfjs-backend-wasm');
  // Once the binary is loaded its place is of no use, and setting it an error.
  if (wasmPaths !== undefined && !('wasm' in tf.engine().registry)) wasm.setWasmPaths(wasmPaths);
}

async function loadWebgpu({ dawn, dawnFlags }: BackendOptions): Promise<void> {
  const host = globalThis as { navigator?: { gpu?: { requestAdapter(): Promise<unknown> } } };
  if (dawn && !host.navigator?.gpu) {
    Object.assign(globalThis, dawn.globals);
    host.navigator ??= {};
    const flags = dawnFlags ?? (process.platform === 'linux' ? ['backend=vulkan'] : []);
    Object.defineProperty(host.navigator, 'gpu', { value: dawn.create(flags), configurable: true });
  }
  if (!host.navigator?.gpu) {
    throw new BackendError(
      'setUpBackend: there is no WebGPU here; in Node pass the module of the webgpu package as options.dawn',
    );
  }
  if (!(await host.navigator.gpu.requestAdapter())) {
    throw new BackendError(
      'setUpBackend: WebGPU has no adapter here; install a Vulkan, Metal or Direct3D driver',
    );
  }
  // It registers itself when it is first imported, and only if navigator.gpu exists by then.
  await optional(() => import('@tensorflow/tfjs-backend-webgpu'), '@tensorflow/tfjs-backend-webgpu');
  if (tf.findBackendFactory('webgpu') === null) {
    throw new BackendError(
      'setUpBackend: @tensorflow/tfjs-backend-webgpu was imported before navigator.gpu existed; import it through setUpBackend',
    );
  }
}

async function optional<T>(load: () => Promise<T>, name: string): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new BackendError(`setUpBackend: ${name} is not installed; npm install ${name}@4.22.0`, { cause });
  }
}

function collectErrors(errors: string[]): void {
  const { device } = tf.backend() as unknown as { device: EventTarget };
  device.addEventListener('uncapturederror', (event) => {
    errors.push((event as Event & { error: { message: string } }).error.message);
  });
}
