import { ArgumentError } from '@anomclip/core';
import {
  type Clip,
  encodePromptEnsemble,
  type PromptEnsemble,
  promptStates,
  promptTemplates,
} from '@anomclip/core/clip';
import type * as tf from '@tensorflow/tfjs';
import type { FsacConfig } from './config.js';

const anyObject = ['{}'];

const prompts = {
  reference21: { templates: promptTemplates.reference21, states: promptStates },
  paired22: { templates: promptTemplates.paired22, states: promptStates },
  'clip-ac': { templates: anyObject, states: { normal: ['normal {}'], anomalous: ['anomalous {}'] } },
  simple: {
    templates: anyObject,
    states: { normal: ['A photo of a {}'], anomalous: ['A photo of a damaged {}'] },
  },
  mpdd: {
    templates: promptTemplates.reference21.slice(1, 3),
    states: { ...promptStates, anomalous: [...promptStates.anomalous, '{} with anomaly'] },
  },
} as const satisfies Record<string, PromptEnsemble>;

/**
 * Named prompts (section 3): the released program's compositional ensemble, its symmetric completion, those of CLIP-AC, the
 * simplest pair, and those for MPDD, where every name but `connector` is left out.
 */
export type FsacPrompts = keyof typeof prompts;

/** The prompts that a configuration means. @throws {@link ArgumentError} for an unknown name or malformed prompts. */
export function fsacPrompts(given: FsacPrompts | PromptEnsemble): PromptEnsemble {
  if (typeof given === 'string' && Object.hasOwn(prompts, given)) return prompts[given];
  const lists =
    typeof given === 'object' ? [given?.templates, given?.states?.normal, given?.states?.anomalous] : [];
  if (lists.length > 0 && lists.every(isTexts)) return given as PromptEnsemble;
  throw new ArgumentError(
    'FsacConfig',
    `prompts to be ${Object.keys(prompts).join(', ')} or { templates, states: { normal, anomalous } }`,
    given,
  );
}

/**
 * T, the mean prompt embeddings of an object, [2, D], row 0 normal. The caller owns it.
 *
 * @throws {@link TextTooLongError} when a prompt has more tokens than the model takes, unless `truncate` is set.
 */
export function encodeFsacPrompts(
  clip: Pick<Clip, 'text' | 'tokenizer'>,
  className: string,
  config: Pick<FsacConfig, 'prompts' | 'classNameFormat' | 'normalizePromptEmbeddings' | 'truncate'>,
): tf.Tensor2D {
  const name = config.prompts === 'mpdd' && className !== 'connector' ? ' ' : className;
  return encodePromptEnsemble(
    clip,
    fsacPrompts(config.prompts),
    config.classNameFormat === 'spaces' ? name.replaceAll('_', ' ') : name,
    { unitLength: config.normalizePromptEmbeddings, truncate: config.truncate },
  );
}

function isTexts(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0 && list.every((text) => typeof text === 'string');
}
