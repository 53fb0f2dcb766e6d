import { clipSource } from './open-clip.js';
import type { CommonOptions } from './options.js';

/** Where a result comes from. */
export type SourceOptions = {
  readonly data: string;
  readonly clip: string;
  readonly encoder: string;
  readonly small?: true;
};

/** What of the common options a result depends on, for `Cell.options`: another dataset or model is another cell. */
export function sourceOptions({
  data,
  clip,
  backend,
  native,
  small,
}: Pick<CommonOptions, 'data' | 'clip' | 'backend' | 'native' | 'small'>): SourceOptions {
  return {
    data: data ?? (small ? 'offline benchmark, three categories' : 'offline benchmark'),
    clip: clipSource(clip),
    encoder: native ? 'onnxruntime-node' : backend,
    ...(small && { small: true as const }),
  };
}
