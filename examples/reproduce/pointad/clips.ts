import type { Clip, EncodeImagesOptions } from '@anomclip/core/clip';
import { featureBlocks, pointadConfig } from '@anomclip/methods/pointad';
import { openClip } from '../driver/open-clip.js';
import type { PointadOptions } from './options.js';

/** One model for all methods; with `--native` one per kind of patch features, since graphs compute one kind only. */
export function clipsOf(options: PointadOptions): {
  clipFor(method: string): Promise<Clip>;
  dispose(): Promise<void>;
} {
  const open = new Map<string, Promise<Clip>>();
  return {
    clipFor(method) {
      const kind = options.native ? attentionOf(method) : 'any';
      const clip = open.get(kind) ?? openClip(options, { nativeFeatures: nativeFeatures(method) });
      open.set(kind, clip);
      return clip;
    },
    async dispose() {
      for (const clip of open.values()) await (await clip).dispose();
    },
  };
}

/** Features of a method's last layer, as `encodeViews` asks for them. */
export function nativeFeatures(method: string): (config: Clip['config']) => EncodeImagesOptions {
  return (config) => ({
    ...featureBlocks(pointadConfig({ attention: attentionOf(method) }), config),
    projectPatches: true,
  });
}

function attentionOf(method: string): 'vv' | 'qkv' {
  return method === 'CLIP+Rendering' ? 'qkv' : 'vv';
}
