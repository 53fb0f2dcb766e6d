import type { Rng } from '@anomclip/core/random';
import { gelu, linear } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import { type HeadValues, type HeadWeights, initialLinear, linearOf } from './weights.js';

/** How many MLPs an adapter has: two for images, one for texts (section 5 of CLIP-FSAC++'s specification). */
export const adapterMlps = { image: 2, text: 1 } as const;

/** Hidden units per input of an MLP. */
const RATIO = 4;

/**
 * Adapter of CLIP embeddings: per MLP C → 4C → GELU → C → GELU, then C → C. Without the residual.
 *
 * @param x - [rows, C]
 * @param weights - `<prefix>.mlps.<i>.fc1`, `.fc2` and `<prefix>.linear`.
 * @returns [rows, C]. The caller owns it.
 */
export function adapter(x: tf.Tensor2D, weights: HeadWeights, prefix: string): tf.Tensor2D {
  return tf.tidy(() => {
    let hidden: tf.Tensor = x;
    for (let i = 0; `${prefix}.mlps.${i}.fc1.weight` in weights; i++) {
      hidden = gelu(linear(hidden, linearOf(weights, `${prefix}.mlps.${i}.fc1`)));
      hidden = gelu(linear(hidden, linearOf(weights, `${prefix}.mlps.${i}.fc2`)));
    }
    return linear(hidden, linearOf(weights, `${prefix}.linear`)) as tf.Tensor2D;
  });
}

/** `learned · adapter(x) + kept · x`: how far embeddings may leave CLIP's. */
export function blendedAdapter(
  x: tf.Tensor2D,
  weights: HeadWeights,
  prefix: string,
  [learned, kept]: readonly [number, number],
): tf.Tensor2D {
  return tf.tidy(() => tf.add(tf.mul(adapter(x, weights, prefix), learned), tf.mul(x, kept)));
}

/** Initial weights of an adapter. */
export function initialAdapter(prefix: string, width: number, mlps: number, rng: Rng): HeadValues {
  const layers = Array.from({ length: mlps }, (_, i) => ({
    ...initialLinear(`${prefix}.mlps.${i}.fc1`, width, RATIO * width, rng),
    ...initialLinear(`${prefix}.mlps.${i}.fc2`, RATIO * width, width, rng),
  }));
  return Object.assign({}, ...layers, initialLinear(`${prefix}.linear`, width, width, rng));
}
