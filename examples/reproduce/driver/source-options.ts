import { clipSource, smallClipVersion } from './open-clip.js';
import type { CommonOptions } from './options.js';

/** What data a result comes from. */
export type DataSource = {
  readonly data: string;
  readonly small?: true;
};

/** Where a result comes from. */
export type SourceOptions = DataSource & {
  readonly clip: string;
  /** Of the small CLIP, which changes with this repository. */
  readonly weights?: string;
  readonly encoder: string;
};

/** {@link sourceOptions} of methods without a model. */
export function dataSource({ data, small }: Pick<CommonOptions, 'data' | 'small'>): DataSource {
  return {
    data: data ?? (small ? 'offline benchmark, three categories' : 'offline benchmark'),
    ...(small && { small: true as const }),
  };
}

/** What of the common options a result depends on, for `Cell.options`: another dataset or model is another cell. */
export function sourceOptions(
  options: Pick<CommonOptions, 'data' | 'clip' | 'backend' | 'native' | 'small'>,
): SourceOptions {
  const { clip, backend, native } = options;
  return {
    ...dataSource(options),
    clip: clipSource(clip),
    ...(clip === undefined && { weights: smallClipVersion() }),
    encoder: native ? 'onnxruntime-node' : backend,
  };
}
