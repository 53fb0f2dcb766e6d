import type { Clip, EncodeImagesOptions } from '@anomclip/core/clip';
import { openClip } from './open-clip.js';
import type { CommonOptions } from './options.js';

/** The models of a study, each loaded when a cell asks for it first. */
export interface Clips {
  /** The model, with the patch features of a method. */
  clipFor(method: string): Promise<Clip>;
  dispose(): Promise<void>;
}

export interface ClipsOptions {
  /**
   * The patch features of a method: a name, and how they are asked for. Methods that ask for the same share a model, and
   * without `--native` all do: ONNX graphs compute what they were compiled for and nothing else.
   */
  featuresOf(method: string): {
    readonly kind: string;
    readonly nativeFeatures: (config: Clip['config']) => EncodeImagesOptions;
  };
  /** Whether features of images are kept on the disk. @defaultValue true */
  readonly keepFeatures?: boolean;
}

export function clipsOf(
  options: Pick<CommonOptions, 'clip' | 'backend' | 'native' | 'output'>,
  { featuresOf, keepFeatures }: ClipsOptions,
): Clips {
  const open = new Map<string, Promise<Clip>>();
  return {
    clipFor(method) {
      const { kind, nativeFeatures } = featuresOf(method);
      const name = options.native ? kind : 'any';
      const clip = open.get(name) ?? openClip(options, { nativeFeatures, keepFeatures });
      open.set(name, clip);
      return clip;
    },
    async dispose() {
      for (const clip of open.values()) await (await clip).dispose();
    },
  };
}
