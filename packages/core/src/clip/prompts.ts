import * as tf from '@tensorflow/tfjs';
import { ArgumentError } from '../errors.js';
import { normalise } from '../tensor/index.js';
import type { TextTower } from './text.js';
import type { TokenizeOptions, Tokenizer } from './tokenizer.js';

/** Prompts of the two classes: every state in every template. Each text has one `{}`. */
export interface PromptEnsemble {
  /** Filled with a state, e.g. `a photo of a {}.` */
  readonly templates: readonly string[];
  /** Filled with the name of the object, e.g. `damaged {}`. */
  readonly states: { readonly normal: readonly string[]; readonly anomalous: readonly string[] };
}

/** States of WinCLIP's compositional prompt ensemble, which CLIP-FSAC++ and CLIP3D-AD share. */
export const promptStates: PromptEnsemble['states'] = {
  normal: [
    '{}',
    'flawless {}',
    'perfect {}',
    'unblemished {}',
    '{} without flaw',
    '{} without defect',
    '{} without damage',
  ],
  anomalous: ['damaged {}', '{} with flaw', '{} with defect', '{} with damage'],
};

/**
 * Templates of the same ensemble. `reference21` is the reference code's list, which misses one and has another twice;
 * `paired22` has "a" and "the" of every phrase once.
 */
export const promptTemplates: Readonly<Record<'reference21' | 'paired22', readonly string[]>> = {
  reference21: [
    'a cropped photo of the {}.',
    'a close-up photo of a {}.',
    'a close-up photo of the {}.',
    'a bright photo of a {}.',
    'a bright photo of the {}.',
    'a dark photo of the {}.',
    'a dark photo of a {}.',
    'a jpeg corrupted photo of the {}.',
    'a jpeg corrupted photo of the {}.',
    'a blurry photo of the {}.',
    'a blurry photo of a {}.',
    'a photo of a {}.',
    'a photo of the {}.',
    'a photo of a small {}.',
    'a photo of the small {}.',
    'a photo of a large {}.',
    'a photo of the large {}.',
    'a photo of the {} for visual inspection.',
    'a photo of a {} for visual inspection.',
    'a photo of the {} for anomaly detection.',
    'a photo of a {} for anomaly detection.',
  ],
  paired22: [
    'a cropped photo of * {}.',
    'a close-up photo of * {}.',
    'a bright photo of * {}.',
    'a dark photo of * {}.',
    'a jpeg corrupted photo of * {}.',
    'a blurry photo of * {}.',
    'a photo of * {}.',
    'a photo of * small {}.',
    'a photo of * large {}.',
    'a photo of * {} for visual inspection.',
    'a photo of * {} for anomaly detection.',
  ].flatMap((template) => [template.replace('*', 'a'), template.replace('*', 'the')]),
};

/**
 * Every state in every template: templates outside, states inside.
 *
 * @throws {@link ArgumentError} for a template or state without exactly one `{}`.
 */
export function fillPrompts(
  className: string,
  templates: readonly string[],
  states: readonly string[],
): string[] {
  return templates.flatMap((template) => states.map((state) => fill(template, fill(state, className))));
}

export interface EncodePromptEnsembleOptions extends TokenizeOptions {
  /**
   * Whether each embedding is brought to unit length before the mean, and the mean after it. CLIP-FSAC++ and WinCLIP
   * take raw means. @defaultValue true
   */
  unitLength?: boolean;
}

/**
 * Mean embeddings of the normal and of the anomalous prompts of an object.
 *
 * @param model - A text tower with its tokenizer, e.g. what `loadClip` gives.
 * @returns [2, D]: row 0 normal, row 1 anomalous. The caller owns it.
 * @throws {@link TextTooLongError} when a prompt has more tokens than the model takes, unless `truncate` is set.
 */
export function encodePromptEnsemble(
  model: { readonly text: TextTower; readonly tokenizer: Tokenizer },
  { templates, states }: PromptEnsemble,
  className: string,
  options: EncodePromptEnsembleOptions = {},
): tf.Tensor2D {
  const { unitLength = true, ...tokenize } = options;
  return tf.tidy(() => {
    const means = [states.normal, states.anomalous].map((ofClass) => {
      const prompts = fillPrompts(className, templates, ofClass);
      if (prompts.length === 0) {
        throw new ArgumentError('encodePromptEnsemble', 'at least one template and state per class', prompts);
      }
      const ids = model.tokenizer.encode(prompts, tokenize);
      const sums: tf.Tensor[] = [];
      for (let start = 0; start < ids.length; start += promptsPerBatch) {
        sums.push(
          tf.tidy(() => {
            const embeddings = model.text.encode(ids.slice(start, start + promptsPerBatch));
            return tf.sum(unitLength ? normalise(embeddings) : embeddings, 0);
          }),
        );
      }
      const mean = tf.div(tf.addN(sums), prompts.length);
      return unitLength ? normalise(mean) : mean;
    });
    return tf.stack(means) as tf.Tensor2D;
  });
}

/** Enough to fill a processor; more would only take memory. */
const promptsPerBatch = 32;

function fill(text: string, content: string): string {
  const [before, after, more] = text.split('{}');
  if (after === undefined || more !== undefined) {
    throw new ArgumentError('fillPrompts', 'texts with one {} each', text);
  }
  return before + content + after;
}
