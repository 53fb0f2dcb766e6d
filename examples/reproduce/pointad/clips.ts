import type { Clip, EncodeImagesOptions } from '@anomclip/core/clip';
import { featureBlocks, pointadConfig } from '@anomclip/methods/pointad';

/** Features of a method's last layer, as `encodeViews` asks for them. */
export function nativeFeatures(method: string): (config: Clip['config']) => EncodeImagesOptions {
  return (config) => ({
    ...featureBlocks(pointadConfig({ attention: attentionOf(method) }), config),
    projectPatches: true,
  });
}

export function attentionOf(method: string): 'vv' | 'qkv' {
  return method === 'CLIP+Rendering' ? 'qkv' : 'vv';
}
