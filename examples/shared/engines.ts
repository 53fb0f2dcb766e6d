import { AnomclipError } from '@anomclip/core';
import { type BackendName, setUpBackend } from '@anomclip/core/backend';

/** Sets up the backend of `--backend`. */
export async function useBackend(backend: BackendName): Promise<void> {
  await setUpBackend(backend, backend === 'webgpu' ? { dawn: await import('webgpu') } : {});
}

/**
 * The engine of `--native`.
 *
 * @param without - How to do without it.
 * @throws {@link AnomclipError} when it is not installed.
 */
export async function onnxRuntime(without = 'leave --native out') {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw new AnomclipError(`the package onnxruntime-node is not installed; install it, or ${without}`, {
      cause: error,
    });
  }
}
