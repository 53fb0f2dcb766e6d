import { ArgumentError } from '@anomclip/core';
import { type PromptEnsemble, promptStates, promptTemplates } from '@anomclip/core/clip';
import { merge, oneOf } from '../config-checks.js';

/** Everything that decides what CLIP-AC says about an image. */
export interface ClipAcConfig {
  /** @defaultValue `normal {}` against `anomalous {}` */
  readonly prompts: PromptEnsemble;
  /** Whether prompt embeddings have unit length before and after the mean. @defaultValue true */
  readonly unitLength: boolean;
  /** Whether prompts that are too long for the model are cut. @defaultValue false: they are an error */
  readonly truncate: boolean;
  /** Divides the cosines before the softmax, > 0. @defaultValue 0.07 */
  readonly temperature: number;
  /**
   * `'probability'`: softmax of the two cosines; `'difference'`: cosine with anomalous minus cosine with normal, without
   * temperature. Both rank images alike; maps are enlarged after this step. @defaultValue 'probability'
   */
  readonly score: 'probability' | 'difference';
  /** 1-based block whose patch tokens make the map; 0 is the last. @defaultValue 0 */
  readonly layer: number;
  /** First block of the value-value path that patch tokens are taken from; 0 is the plain path. @defaultValue 0 */
  readonly valueAttentionFrom: number;
}

/** `plain` is CLIP-AC of the papers; `ensemble` is CLIP-AC with WinCLIP's compositional prompt ensemble. */
export const clipAcPresets: Readonly<Record<'plain' | 'ensemble', ClipAcConfig>> = {
  plain: {
    prompts: { templates: ['{}'], states: { normal: ['normal {}'], anomalous: ['anomalous {}'] } },
    unitLength: true,
    truncate: false,
    temperature: 0.07,
    score: 'probability',
    layer: 0,
    valueAttentionFrom: 0,
  },
  ensemble: {
    prompts: { templates: promptTemplates.reference21, states: promptStates },
    unitLength: true,
    truncate: false,
    temperature: 0.07,
    score: 'probability',
    layer: 0,
    valueAttentionFrom: 0,
  },
};

/** The whole configuration; the model checks layers itself. */
export function clipAcConfig(given: Partial<ClipAcConfig>): ClipAcConfig {
  const config = merge('createClipAc', clipAcPresets.plain, given);
  if (!(config.temperature > 0 && Number.isFinite(config.temperature))) {
    throw new ArgumentError('createClipAc', 'temperature above 0', config.temperature);
  }
  oneOf('createClipAc', 'score', config.score, ['probability', 'difference']);
  return config;
}
