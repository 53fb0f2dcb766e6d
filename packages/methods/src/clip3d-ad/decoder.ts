import type { Rng } from '@anomclip/core/random';
import { layerNorm, linear } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import { initialTransformerBlock, transformerBlock } from '../heads/transformer-block.js';
import {
  type HeadValues,
  type HeadWeights,
  initialLayerNorm,
  initialLinear,
  layerNormOf,
  linearOf,
} from '../heads/weights.js';

/**
 * Shapes that the decoder may have (section 7 of CLIP3D-AD's specification): `'progressive'` goes from the
 * concatenation to the visual width and on to the text width, a block at each; `'flat640'` and `'flat896'` have both
 * blocks at the text or the visual width, `'wide'` at the width of the concatenation.
 */
export type DecoderKind = 'progressive' | 'flat640' | 'flat896' | 'wide';

export interface DecoderConfig {
  readonly c2f: DecoderKind;
  /** Blocks per stage. */
  readonly c2fDepth: number;
  /** `'layernorm'` normalises the tokens of each layer before they are concatenated. */
  readonly c2fInputNorm: 'none' | 'layernorm';
  /** Units of an attention head. */
  readonly headWidth: number;
}

/** Widths of what goes in and out: W of a layer's tokens, C of the text space, and how many layers there are. */
export interface DecoderSizes {
  readonly tokenWidth: number;
  readonly textWidth: number;
  readonly layers: number;
}

/**
 * The coarse-to-fine decoder: patch tokens of several layers → local features in the text space.
 *
 * @param tokens - Per layer [B, P, W].
 * @returns [B, P, C]. The caller owns it.
 */
export function decode(
  tokens: readonly tf.Tensor3D[],
  weights: HeadWeights,
  sizes: DecoderSizes,
  config: DecoderConfig,
): tf.Tensor3D {
  return tf.tidy(() => {
    const normalised =
      config.c2fInputNorm === 'layernorm'
        ? tokens.map(
            (layer, i) => layerNorm(layer, layerNormOf(weights, `decoder.input_ln.${i}`)) as tf.Tensor3D,
          )
        : tokens;
    let x = tf.concat([...normalised], 2) as tf.Tensor3D;
    for (const stage of stagesOf(sizes, config)) {
      if (stage.linear) x = linear(x, linearOf(weights, stage.linear)) as tf.Tensor3D;
      for (const block of stage.blocks)
        x = transformerBlock(x, weights, block, stage.width / config.headWidth);
    }
    return project(layerNorm(x, layerNormOf(weights, 'decoder.ln')), weights);
  });
}

/** Initial weights. */
export function initialDecoder(sizes: DecoderSizes, config: DecoderConfig, rng: Rng): HeadValues {
  const weights: HeadValues = {};
  if (config.c2fInputNorm === 'layernorm') {
    for (let i = 0; i < sizes.layers; i++) {
      Object.assign(weights, initialLayerNorm(`decoder.input_ln.${i}`, sizes.tokenWidth));
    }
  }
  let width = sizes.layers * sizes.tokenWidth;
  for (const stage of stagesOf(sizes, config)) {
    if (stage.linear) Object.assign(weights, initialLinear(stage.linear, width, stage.width, rng));
    for (const block of stage.blocks)
      Object.assign(weights, initialTransformerBlock(block, stage.width, rng));
    width = stage.width;
  }
  Object.assign(weights, initialLayerNorm('decoder.ln', width));
  if (width !== sizes.textWidth)
    Object.assign(weights, initialLinear('decoder.out', width, sizes.textWidth, rng));
  return weights;
}

/** Blocks of one width. */
export interface DecoderStage {
  readonly width: number;
  /** Of the linear map to this width; absent where it is the width already. */
  readonly linear?: string;
  readonly blocks: readonly string[];
}

/** The stages of a decoder, in order. */
export function stagesOf(
  { tokenWidth, textWidth, layers }: DecoderSizes,
  { c2f, c2fDepth }: DecoderConfig,
): DecoderStage[] {
  const blocks = (name: string) =>
    Array.from({ length: c2fDepth }, (_, i) => `decoder.${name}${i === 0 ? '' : `_${i + 1}`}`);
  const both = [...blocks('coarse_block'), ...blocks('fine_block')];
  const coarse = 'decoder.coarse_in';
  switch (c2f) {
    case 'progressive':
      return [
        { width: tokenWidth, linear: coarse, blocks: blocks('coarse_block') },
        { width: textWidth, linear: 'decoder.fine_in', blocks: blocks('fine_block') },
      ];
    case 'flat640':
      return [{ width: textWidth, linear: coarse, blocks: both }];
    case 'flat896':
      return [{ width: tokenWidth, linear: coarse, blocks: both }];
    case 'wide':
      return [{ width: layers * tokenWidth, blocks: both }];
  }
}

/** To the text width, where the last stage is not there already. */
function project(x: tf.Tensor, weights: HeadWeights): tf.Tensor3D {
  return ('decoder.out.weight' in weights ? linear(x, linearOf(weights, 'decoder.out')) : x) as tf.Tensor3D;
}
