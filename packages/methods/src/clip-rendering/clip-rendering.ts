import type { Clip, PromptEnsemble } from '@anomclip/core/clip';
import { plainTexts } from '../plain-texts.js';
import {
  createPointadDetector,
  type PartialPointadConfig,
  type PointadDetector,
  pointadConfig,
  spelledOut,
} from '../pointad/index.js';

/** The two texts, with the class name in place of `{}`. */
export const clipRenderingPrompts: PromptEnsemble = {
  templates: ['{}'],
  states: { normal: ['A photo of a normal {}'], anomalous: ['A photo of an anomalous {}'] },
};

export interface ClipRenderingOptions
  extends Pick<
    PartialPointadConfig,
    | 'featureLayers'
    | 'layerAggregation'
    | 'temperature'
    | 'viewNormalization'
    | 'smoothing'
    | 'pointSmoothing'
    | 'fusion'
  > {
  /** @defaultValue {@link clipRenderingPrompts} */
  readonly prompts?: PromptEnsemble;
  /** Whether prompts that are too long for the model are cut. @defaultValue false: they are an error */
  readonly truncate?: boolean;
}

/**
 * CLIP + Rendering, the zero-shot baseline of PointAD (section 9 of its specification): fixed texts, CLIP as it is, patch
 * features of the ordinary path; scores and fusion with an image are PointAD's.
 *
 * @param clip - Its vision tower is borrowed, and must live as long as the detector.
 * @param className - As the dataset spells it: underscores and inner capitals part words.
 * @throws {@link ArgumentError} for a bad option, {@link TextTooLongError} when a prompt does not fit.
 */
export async function clipRendering(
  clip: Clip,
  className: string,
  options: ClipRenderingOptions = {},
): Promise<PointadDetector> {
  const { prompts = clipRenderingPrompts, truncate = false, ...scoring } = options;
  const config = pointadConfig({ ...scoring, attention: 'qkv' });
  const texts = await plainTexts(clip, prompts, spelledOut(className), truncate);
  return createPointadDetector(clip, texts, config);
}
