import type { Clip, EncodeImagesOptions } from '@anomclip/core/clip';
import { clip3dConfig, clip3dEncoding } from '@anomclip/methods/clip3d-ad';
import { openClip } from '../driver/open-clip.js';
import type { Clip3dOptions } from './options.js';

/**
 * One model for all methods; with `--native` one more for CLIP-AC, since graphs compute one kind of patch features only. No
 * features are kept on the disk: an anomaly is seen once.
 */
export function clipsOf(options: Clip3dOptions): {
  clipFor(method: string): Promise<Clip>;
  dispose(): Promise<void>;
} {
  const open = new Map<string, Promise<Clip>>();
  return {
    clipFor(method) {
      const kind = options.native && method === 'CLIP-AC' ? 'projected' : 'raw';
      const nativeFeatures = (model: Clip['config']): EncodeImagesOptions =>
        kind === 'raw'
          ? clip3dEncoding(clip3dConfig(options.config), model)
          : { layers: [model.vision.layers], projectPatches: true };
      const clip = open.get(kind) ?? openClip(options, { nativeFeatures, keepFeatures: false });
      open.set(kind, clip);
      return clip;
    },
    async dispose() {
      for (const clip of open.values()) await (await clip).dispose();
    },
  };
}
