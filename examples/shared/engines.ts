import { AnomclipError } from '@anomclip/core';
import { type BackendName, setUpBackend } from '@anomclip/core/backend';

/** Sets up the backend of `--backend`. */
export async function useBackend(backend: BackendName): Promise<void> {
  await setUpBackend(backend, backend === 'webgpu' ? { dawn: await import('webgpu') } : {});
}

/** The engine of `--native`. @throws {@link AnomclipError} when it is not installed. */
export async function onnxRuntime() {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw new AnomclipError(
      '--native needs the package onnxruntime-node; install it, or leave --native out',
      { cause: error },
    );
  }
}
