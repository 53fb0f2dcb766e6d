import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AnomclipError } from '@anomclip/core';
import { type Clip, type EncodeImagesOptions, loadClip, VisionTower } from '@anomclip/core/clip';
import { cachedEncoder, checkpointKey, createOnnxImageEncoder, FeatureCache } from '@anomclip/core/encoder';
import { folderStore } from '@anomclip/core/node';
import { openModel } from '../../shared/open-model.js';
import { onnxRuntime, useBackend } from './engines.js';
import type { CommonOptions } from './options.js';

/** Where the prototype CLIP lies beside a checkout that has it. */
const prototypeClip = '../shared/data/prototype-clip';

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
 * @throws {@link AnomclipError} when there is no CLIP, or no ONNX Runtime for `--native`, with the way out.
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

/** What `--clip` says, else the prototype. */
export function clipSource(clip: string | undefined): string {
  if (clip !== undefined) return clip;
  if (existsSync(prototypeClip)) return prototypeClip;
  throw new AnomclipError(
    `there is no CLIP in ${prototypeClip}; pass --clip with a folder of OpenCLIP, OpenAI or Hugging Face files, or with a repository of the hub such as timm/vit_large_patch14_clip_336.openai`,
  );
}
