import { ArgumentError } from '@anomclip/core';
import type { Tokenizer } from '@anomclip/core/clip';
import type { PromptTokens } from './prompts.js';

export interface PromptWords {
  readonly prompt: {
    readonly mode: 'agnostic' | 'classAware';
    /** E, placeholders after the start token. */
    readonly length: number;
    readonly suffix: string;
  };
}

/**
 * Token ids of both prompts (section 3.3 of PointAD's specification): start, E placeholders, "object." or "damaged
 * object." (the class name for "object" in mode `'classAware'`), end.
 *
 * @param className - As the dataset spells it: underscores and inner capitals part words. Only for `'classAware'`.
 * @throws {@link ArgumentError} and {@link TextTooLongError} when the model has no room for the prompt.
 */
export function promptTokens(tokenizer: Tokenizer, { prompt }: PromptWords, className: string): PromptTokens {
  const noun = prompt.mode === 'agnostic' ? 'object' : spelledOut(className);
  if (prompt.length > tokenizer.contextLength - 3) {
    throw new ArgumentError(
      'PointAD',
      `at most ${tokenizer.contextLength - 3} learnable vectors, so that a word fits beside them`,
      prompt.length,
    );
  }
  // The words alone decide whether the prompt fits: the placeholders take positions, and their embeddings are replaced.
  const limit = { contextLength: tokenizer.contextLength - prompt.length };
  const texts = [`${noun}${prompt.suffix}`, `damaged ${noun}${prompt.suffix}`];
  const [normal, anomalous] = tokenizer
    .encode(texts, limit)
    .map(([start, ...words]) => [start, ...new Array<number>(prompt.length).fill(start), ...words]);
  return [normal, anomalous];
}

/** `cable_gland` and `CableGland` as "cable gland". */
export function spelledOut(className: string): string {
  return className
    .replace(/_+/g, ' ')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .trim()
    .toLowerCase();
}
