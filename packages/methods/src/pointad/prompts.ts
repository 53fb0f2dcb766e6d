import { ArgumentError, ShapeError } from '@anomclip/core';
import { endPosition, type TextTower } from '@anomclip/core/clip';
import type { Rng } from '@anomclip/core/random';
import { normalise } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import type { HeadValues, HeadWeights } from '../heads/weights.js';
import { roundToHalf } from './round-to-half.js';

/** What training changes: learnable vectors of both prompts, and tokens of the text tower's deeper blocks. */
export interface PromptParameters {
  /** V, [E, W]: stands before the words of the normal prompt. */
  readonly contextNormal: tf.Tensor2D;
  /** W, [E, W]: stands before the words of the anomalous prompt. */
  readonly contextAnomalous: tf.Tensor2D;
  /** P_i, [T, W]: overwrites positions 1…T before block i + 1, of both prompts. */
  readonly deepPrompts: readonly tf.Tensor2D[];
}

/** Token ids of the normal and the anomalous prompt, start and end tokens included, with E placeholders after the start. */
export type PromptTokens = readonly [normal: ArrayLike<number>, anomalous: ArrayLike<number>];

export interface PromptConfig {
  readonly prompt: {
    /** E, learnable vectors per prompt. */
    readonly length: number;
    /** Standard deviation of their initial values. */
    readonly initStd: number;
  };
  readonly deepPrompt: {
    /** Blocks that are prompted, the first one (by the vectors themselves) included. */
    readonly depth: number;
    /** T, tokens per block. */
    readonly length: number;
    readonly initStd: number;
    /** Whether they are rounded to half precision when they are inserted, as the released program does. */
    readonly roundToHalf: boolean;
  };
}

/** A text tower with fewer blocks than the paper's is prompted in all of them. */
export function fittingDepth<Config extends Pick<PromptConfig, 'deepPrompt'>>(
  config: Config,
  { text }: { readonly text: Pick<TextTower, 'config'> },
): Config {
  const depth = Math.min(config.deepPrompt.depth, text.config.layers);
  return { ...config, deepPrompt: { ...config.deepPrompt, depth } };
}

/** Normally distributed initial values, for text towers of width W. */
export function initialPrompts(width: number, { prompt, deepPrompt }: PromptConfig, rng: Rng): HeadValues {
  const draw = (name: string, length: number, std: number) => {
    const draws = rng.fork(name);
    return {
      shape: [length, width],
      data: Float32Array.from({ length: length * width }, () => draws.normal(0, std)),
    };
  };
  const deep = Array.from({ length: deepPrompt.depth - 1 }, (_, i): [string, HeadValues[string]] => [
    `deep.${i}`,
    draw(`deep.${i}`, deepPrompt.length, deepPrompt.initStd),
  ]);
  return {
    'context.normal': draw('context.normal', prompt.length, prompt.initStd),
    'context.anomalous': draw('context.anomalous', prompt.length, prompt.initStd),
    ...Object.fromEntries(deep),
  };
}

/** The parameters under the names that {@link initialPrompts} gives them. */
export function promptParameters(weights: HeadWeights): PromptParameters {
  const deepPrompts: tf.Tensor2D[] = [];
  for (let i = 0; `deep.${i}` in weights; i++) deepPrompts.push(weights[`deep.${i}`] as tf.Tensor2D);
  return {
    contextNormal: weights['context.normal'] as tf.Tensor2D,
    contextAnomalous: weights['context.anomalous'] as tf.Tensor2D,
    deepPrompts,
  };
}

/**
 * Text features of the learned prompts (section 3.3 of PointAD's specification), differentiable to the parameters.
 *
 * @returns [2, D], unit length, row 0 normal. The caller owns it.
 * @throws {@link ArgumentError} when a prompt has no room for the vectors.
 */
export function encodePrompts(
  tower: TextTower,
  tokens: PromptTokens,
  { contextNormal, contextAnomalous, deepPrompts }: PromptParameters,
  { deepPrompt }: Pick<PromptConfig, 'deepPrompt'>,
): tf.Tensor2D {
  if (contextNormal.shape.join() !== contextAnomalous.shape.join()) {
    throw new ShapeError(
      'encodePrompts',
      `two contexts of shape [${contextNormal.shape}]`,
      contextAnomalous.shape,
    );
  }
  const count = contextNormal.shape[0];
  const ends = tokens.map(endPosition);
  if (Math.min(...ends) <= count) {
    throw new ArgumentError(
      'encodePrompts',
      `an end token after ${count} learnable vectors`,
      Math.min(...ends),
    );
  }
  return tf.tidy(() => {
    const words = tower.embed(tokens);
    const [, length, width] = words.shape;
    const embeddings = tf.concat(
      [
        tf.slice(words, [0, 0, 0], [-1, 1, -1]),
        tf.stack([contextNormal, contextAnomalous]) as tf.Tensor3D,
        tf.slice(words, [0, 1 + count, 0], [-1, length - 1 - count, width]),
      ],
      1,
    );
    const inserted = deepPrompt.roundToHalf ? deepPrompts.map(roundToHalf) : deepPrompts;
    return normalise(tower.encodeEmbeddings(embeddings, ends, { deepPrompts: inserted }));
  });
}
