import * as tf from '@tensorflow/tfjs';
import { BackendError } from './backend-error.js';

/** Where the heap of TensorFlow.js's wasm backend ends, in megabytes. It never shrinks. */
const HEAP_MEGABYTES = 4096;

/**
 * What a failure inside WebAssembly means, said so that one knows what to do; any other error as it is. A full heap shows
 * itself as `memory access out of bounds`, `table index is out of bounds` or `Aborted()`.
 *
 * @param where - The function that failed.
 */
export function explainWasmFailure(where: string, error: unknown): unknown {
  if (!(error instanceof WebAssembly.RuntimeError) || tf.getBackend() !== 'wasm') return error;
  const held = Math.round(tf.memory().numBytes / 2 ** 20);
  return new BackendError(
    `${where}: the wasm backend of TensorFlow.js has run out of memory (${error.message}): tensors hold ${held} MB, and copies and gaps ` +
      `between them take more, of a heap of ${HEAP_MEGABYTES} MB. It cannot be used again in this process. Pass ` +
      '`gradients: compiledGradients(ort)` of @anomclip/core/compiled, use the webgpu backend, or take smaller batches or a smaller model',
    { cause: error },
  );
}
