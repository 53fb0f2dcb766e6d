import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clip, type EncodeImagesOptions, loadClip, VisionTower } from '@anomclip/core/clip';
import { cachedEncoder, checkpointKey, createOnnxImageEncoder, FeatureCache } from '@anomclip/core/encoder';
import { folderStore } from '@anomclip/core/node';
import { onnxRuntime, useBackend } from '../../shared/engines.js';
import { openModel } from '../../shared/open-model.js';
import type { CommonOptions } from './options.js';

/** The small CLIP of this repository. */
const smallClip = 'examples/pretrain-clip/model';

export interface OpenClipOptions {
  /**
   * The features that `--native` shall compute; ONNX graphs give what they were compiled for and nothing else.
   * Depends on the model, so it is a function of its configuration.
   */
  readonly nativeFeatures?: (config: Clip['config']) => EncodeImagesOptions;
  /** Whether features of images are kept in `<output>/features`, by content. @defaultValue true */
  readonly keepFeatures?: boolean;
}

/**
 * Sets up the backend and loads the CLIP of `--clip`. Every image is encoded once, also over runs. The caller disposes it.
 *
 * @throws {@link AnomclipError} when there is no ONNX Runtime for `--native`, with the way out.
 */
export async function openClip(
  { clip, backend, native, output }: Pick<CommonOptions, 'clip' | 'backend' | 'native' | 'output'>,
  { nativeFeatures, keepFeatures = true }: OpenClipOptions = {},
): Promise<Clip> {
  await useBackend(backend);
  const ort = native ? await onnxRuntime() : undefined;
  return loadClip(await openModel(clipSource(clip)), {
    openImageEncoder: async (checkpoint, config) => {
      const encoder = ort
        ? await createOnnxImageEncoder(ort, checkpoint, config, nativeFeatures?.(config))
        : await VisionTower.load(checkpoint, config);
      if (!keepFeatures) return encoder;
      const cache = new FeatureCache({ store: folderStore(join(output, 'features')) });
      const weights = `${await checkpointKey(checkpoint)} ${ort ? 'onnx' : backend}`;
      return cachedEncoder(encoder, cache, { weights });
    },
  });
}

/** Its configuration alone, for planning. */
export async function clipConfigOf({ clip }: Pick<CommonOptions, 'clip'>): Promise<Clip['config']> {
  return (await loadClip(await openModel(clipSource(clip)), { towers: [] })).config;
}

/** What `--clip` says, else the small CLIP. */
export function clipSource(clip: string = smallClip): string {
  return clip;
}

/** Names the weights of the small CLIP, so that results of another one are not taken for its own. */
export function smallClipVersion(): string {
  const weights = readFileSync(join(smallClip, 'open_clip_model.safetensors'));
  return createHash('sha256').update(weights).digest('hex').slice(0, 12);
}
