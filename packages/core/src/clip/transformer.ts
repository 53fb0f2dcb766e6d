import * as tf from '@tensorflow/tfjs';
import {
  attention,
  gelu,
  type LayerNormWeights,
  type LinearWeights,
  layerNorm,
  linear,
  quickGelu,
} from '../tensor/index.js';
import type { WeightReader } from './weight-reader.js';

/** One pre-norm block: x += attention(ln1 x); x += mlp(ln2 x). */
export interface Block {
  readonly ln1: LayerNormWeights;
  /** [width, 3·width]: queries, keys, values side by side. */
  readonly projectIn: LinearWeights;
  readonly projectOut: LinearWeights;
  readonly ln2: LayerNormWeights;
  readonly mlpIn: LinearWeights;
  readonly mlpOut: LinearWeights;
}

export interface Transformer {
  readonly blocks: readonly Block[];
  readonly heads: number;
  readonly activation: 'gelu' | 'quick-gelu';
}

/** Reads the blocks below `prefix` (`visual.transformer` or `transformer`). */
export async function readTransformer(
  reader: WeightReader,
  prefix: string,
  { width, layers, heads, mlpWidth }: { width: number; layers: number; heads: number; mlpWidth: number },
  activation: 'gelu' | 'quick-gelu',
): Promise<Transformer> {
  const blocks: Block[] = [];
  for (let i = 0; i < layers; i++) {
    const name = `${prefix}.resblocks.${i}`;
    blocks.push({
      ln1: await reader.layerNorm(`${name}.ln_1`, width),
      projectIn: await reader.linear(`${name}.attn.in_proj_`, width, 3 * width),
      projectOut: await reader.linear(`${name}.attn.out_proj.`, width, width),
      ln2: await reader.layerNorm(`${name}.ln_2`, width),
      mlpIn: await reader.linear(`${name}.mlp.c_fc.`, width, mlpWidth),
      mlpOut: await reader.linear(`${name}.mlp.c_proj.`, mlpWidth, width),
    });
  }
  return { blocks, heads, activation };
}

export type BlockOutput = {
  /** [B, N, width], after the whole block. */
  tokens: tf.Tensor3D;
  /** [B, N, width], what value-value attention adds; absent unless asked for. */
  valueAttention?: tf.Tensor3D;
};

/**
 * Runs one block.
 *
 * @param x - [B, N, width]
 * @param withValueAttention - Whether also to attend with the values in place of queries and keys (DPAM, PointAD
 *   section 3.2): softmax(V Vᵀ / √d) V through the same output projection, from the same values.
 */
export function runBlock(
  { heads, activation }: Pick<Transformer, 'heads' | 'activation'>,
  block: Block,
  x: tf.Tensor3D,
  { mask, withValueAttention = false }: { mask?: tf.Tensor2D; withValueAttention?: boolean } = {},
): BlockOutput {
  return tf.tidy((): BlockOutput => {
    const projected = linear(layerNorm(x, block.ln1), block.projectIn);
    const [queries, keys, values] = tf.split(projected, 3, -1);
    const heard = linear(attention(queries, keys, values, heads, mask), block.projectOut);
    const attended = tf.add(x, heard);
    const hidden = linear(layerNorm(attended, block.ln2), block.mlpIn);
    const activated = activation === 'gelu' ? gelu(hidden) : quickGelu(hidden);
    const tokens = tf.add(attended, linear(activated, block.mlpOut)) as tf.Tensor3D;
    if (!withValueAttention) return { tokens };
    const valueAttention = linear(attention(values, values, values, heads), block.projectOut) as tf.Tensor3D;
    return { tokens, valueAttention };
  });
}
