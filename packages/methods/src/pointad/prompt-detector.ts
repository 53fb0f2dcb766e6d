import { ArgumentError } from '@anomclip/core';
import type { Clip } from '@anomclip/core/clip';
import * as tf from '@tensorflow/tfjs';
import type { HeadValues } from '../heads/weights.js';
import type { PointadConfig } from './config.js';
import { createPointadDetector, type PointadDetector } from './detector.js';
import { promptTokens } from './prompt-tokens.js';
import { encodePrompts, promptParameters } from './prompts.js';

/** Both towers of a CLIP, its tokenizer and configuration. */
export type ClipParts = Pick<Clip, 'vision' | 'text' | 'tokenizer' | 'config'>;

/** A detector that still knows the prompts its texts come from. */
export interface PromptDetector extends PointadDetector {
  /** Learned vectors by name: `context.normal`, `context.anomalous` [E, W], `deep.<i>` [T, W]. */
  readonly prompts: HeadValues;
  /** The same prompts with another class name in them, for `prompt.mode: 'classAware'`. The caller owns the detector. */
  forClass(className: string): Promise<PromptDetector>;
}

/**
 * A detector from learned prompts.
 *
 * @param clip - Stays the caller's; its text tower is used here and by `forClass` only.
 * @param className - For `prompt.mode: 'classAware'`. @defaultValue 'object'
 * @throws {@link ArgumentError} when the prompts do not fit the text tower.
 */
export async function createPromptDetector(
  clip: ClipParts,
  prompts: HeadValues,
  config: PointadConfig,
  className = 'object',
): Promise<PromptDetector> {
  const text = await encodeTexts(clip, prompts, config, className);
  const detector = createPointadDetector(clip, { data: text, width: clip.config.embeddingWidth }, config);
  const forClass = (name: string) => createPromptDetector(clip, prompts, config, name);
  return Object.assign(detector, { prompts, forClass });
}

/** [2, D] of unit length. */
async function encodeTexts(
  { text, tokenizer }: ClipParts,
  prompts: HeadValues,
  config: PointadConfig,
  className: string,
): Promise<Float32Array> {
  const { width } = text.config;
  for (const [name, { shape }] of Object.entries(prompts)) {
    if (shape.length === 2 && shape[1] === width) continue;
    throw new ArgumentError(
      'PointAD',
      `prompts [tokens, ${width}] for this text tower`,
      `${name} [${shape}]`,
    );
  }
  const encoded = tf.tidy(() => {
    const tensors = Object.entries(prompts).map(([name, { shape, data }]) => [
      name,
      tf.tensor(data.slice(), shape),
    ]);
    const parameters = promptParameters(Object.fromEntries(tensors));
    const words = { prompt: { ...config.prompt, length: parameters.contextNormal.shape[0] } };
    return encodePrompts(text, promptTokens(tokenizer, words, className), parameters, config);
  });
  try {
    return (await encoded.data<'float32'>()).slice();
  } finally {
    encoded.dispose();
  }
}
