import type { Json } from './cell.js';
import { clipSource } from './open-clip.js';
import type { CommonOptions } from './options.js';

/** What of the common options a result depends on, for `Cell.options`: another dataset or model is another cell. */
export function sourceOptions({
  data,
  clip,
  backend,
  native,
  small,
}: Pick<CommonOptions, 'data' | 'clip' | 'backend' | 'native' | 'small'>): { readonly [name: string]: Json } {
  return {
    data: data ?? (small ? 'offline benchmark, three categories' : 'offline benchmark'),
    clip: clipSource(clip),
    encoder: native ? 'onnxruntime-node' : backend,
    ...(small && { small }),
  };
}
