import { type Block, runBlock } from '@anomclip/core/clip';
import type { Rng } from '@anomclip/core/random';
import type * as tf from '@tensorflow/tfjs';
import {
  type HeadValues,
  type HeadWeights,
  initialLayerNorm,
  initialLinear,
  layerNormOf,
  linearOf,
} from './weights.js';

/** Hidden units per input of the MLP. */
const RATIO = 4;

/**
 * One pre-norm transformer block with exact GELU, as in CLIP: x + MHA(LN x), then x + MLP(LN x).
 *
 * @param x - [B, N, W]
 * @param weights - `<name>.ln_1`, `.attn.in_proj` (queries, keys, values side by side), `.attn.out_proj`, `.ln_2`,
 *   `.fc`, `.proj`.
 * @returns [B, N, W]. The caller owns it.
 */
export function transformerBlock(
  x: tf.Tensor3D,
  weights: HeadWeights,
  name: string,
  heads: number,
): tf.Tensor3D {
  const block: Block = {
    ln1: layerNormOf(weights, `${name}.ln_1`),
    projectIn: linearOf(weights, `${name}.attn.in_proj`),
    projectOut: linearOf(weights, `${name}.attn.out_proj`),
    ln2: layerNormOf(weights, `${name}.ln_2`),
    mlpIn: linearOf(weights, `${name}.fc`),
    mlpOut: linearOf(weights, `${name}.proj`),
  };
  return runBlock({ heads, activation: 'gelu' }, block, x).tokens;
}

/**
 * Initial weights of a block: Xavier-uniform queries, keys and values with zero biases, Xavier-normal elsewhere
 * (section 7 of CLIP3D-AD's specification).
 */
export function initialTransformerBlock(name: string, width: number, rng: Rng): HeadValues {
  const [draws, bound] = [rng.fork(`${name}.attn.in_proj`), Math.sqrt(6 / (width + 3 * width))];
  const projection = Float32Array.from({ length: width * 3 * width }, () => draws.uniform(-bound, bound));
  return {
    ...initialLayerNorm(`${name}.ln_1`, width),
    [`${name}.attn.in_proj.weight`]: { shape: [width, 3 * width], data: projection },
    [`${name}.attn.in_proj.bias`]: { shape: [3 * width], data: new Float32Array(3 * width) },
    ...initialLinear(`${name}.attn.out_proj`, width, width, rng),
    ...initialLayerNorm(`${name}.ln_2`, width),
    ...initialLinear(`${name}.fc`, width, RATIO * width, rng),
    ...initialLinear(`${name}.proj`, RATIO * width, width, rng),
  };
}
