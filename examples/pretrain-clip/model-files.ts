import { type ClipConfig, clipCheckpoint } from '@anomclip/core/clip';
import type { ModelState } from '@anomclip/core/training';
import { byteSource, type FileSource, type TensorToWrite, writeSafetensors } from '@anomclip/core/weights';
import { configFile, type ModelSize } from './model-config.js';
import { createVocabulary } from './vocabulary.js';

/** Files of a model by name, as `loadClip` and OpenCLIP know them. */
export type ModelFiles = ReadonlyMap<string, Uint8Array>;

/** @param weights - By the names of the model's parameters. */
export function modelFiles(
  weights: Parameters<typeof clipCheckpoint>[0],
  size: ModelSize,
  config: ClipConfig,
  dtype: 'F32' | 'F16',
): ModelFiles {
  const encode = (value: object) => new TextEncoder().encode(`${JSON.stringify(value, undefined, 1)}\n`);
  return new Map([
    ['open_clip_config.json', encode(configFile(size))],
    [
      'open_clip_model.safetensors',
      writeSafetensors(clipCheckpoint(weights, config, { dtype }), { format: 'pt' }),
    ],
    ['vocabulary.json', encode(createVocabulary())],
  ]);
}

/** Files in memory as {@link FileSource}. */
export function fileSource(files: ModelFiles): FileSource {
  return {
    names: [...files.keys()],
    open: async (name) => byteSource(files.get(name) ?? new Uint8Array()),
  };
}

/** What the moving average of the weights is kept under, beside them. */
export const AVERAGE_PREFIX = 'average/';

/** The averaged weights of a state, under the names of the weights. */
export async function averagedWeights(
  state: ModelState,
): Promise<Map<string, { shape: readonly number[]; data: Float32Array }>> {
  const averages = [...(await state.save())].filter(([name]) => name.startsWith(AVERAGE_PREFIX));
  return new Map(averages.map(([name, tensor]) => [name.slice(AVERAGE_PREFIX.length), float32(tensor)]));
}

function float32({ shape, data }: TensorToWrite): { shape: readonly number[]; data: Float32Array } {
  return { shape, data: data as Float32Array }; // what states hold
}
