import { type Block, runBlock } from '@anomclip/core/clip';
import type { Rng } from '@anomclip/core/random';
import { recompute } from '@anomclip/core/tensor';
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
 * As {@link transformerBlock}, with less memory in training: what the block computes on the way is computed again for the
 * gradient, a few sequences at a time.
 *
 * @param sequences - How many together.
 */
export function recomputedBlock(
  x: tf.Tensor3D,
  weights: HeadWeights,
  name: string,
  heads: number,
  sequences: number,
): tf.Tensor3D {
  const own = Object.keys(weights).filter((key) => key.startsWith(`${name}.`));
  const run = (part: tf.Tensor, values: readonly tf.Tensor[]) => {
    const named = Object.fromEntries(own.map((key, i) => [key, values[i]]));
    return transformerBlock(part as tf.Tensor3D, named, name, heads);
  };
  const shared = own.map((key) => weights[key]);
  return recompute(run, x, shared, { partSize: sequences }) as tf.Tensor3D;
}

/**
 * About how many bytes a block keeps for the gradient of one sequence: attention maps twice, and thirty times the tokens,
 * which the MLP makes four times as wide.
 */
export function bytesOfBlock(tokens: number, width: number, heads: number): number {
  return 4 * (2 * heads * tokens * tokens + 30 * tokens * width);
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
