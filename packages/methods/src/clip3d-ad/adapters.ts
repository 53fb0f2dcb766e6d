import type { Rng } from '@anomclip/core/random';
import { linear } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import { adapterMlps, blendedAdapter, initialAdapter } from '../heads/adapter.js';
import { type HeadValues, type HeadWeights, initialLinear, linearOf } from '../heads/weights.js';

export interface AdapterConfig {
  /**
   * Form of the three adapters (O10 of CLIP3D-AD's specification): CLIP-FSAC++'s with the residual inside, CLIP-Adapter's
   * bottleneck of a quarter, or one linear map. @defaultValue 'fsac'
   */
  readonly adapter: 'fsac' | 'clip-adapter' | 'linear';
  /** Weights of what `'fsac'` learns and of CLIP's own embedding. @defaultValue [0.4, 0.6] */
  readonly adapterResidual: readonly [number, number];
}

/** CLIP-Adapter's weights of what is learned and of what is kept. */
const bottleneckResidual = [0.2, 0.8] as const;

/**
 * Adapts embeddings.
 *
 * @param x - [rows, C]
 * @returns [rows, C]. The caller owns it.
 */
export function adapt(
  x: tf.Tensor2D,
  weights: HeadWeights,
  prefix: string,
  { adapter, adapterResidual }: AdapterConfig,
): tf.Tensor2D {
  switch (adapter) {
    case 'fsac':
      return blendedAdapter(x, weights, prefix, adapterResidual);
    case 'clip-adapter':
      return tf.tidy(() => {
        const hidden = tf.relu(linear(x, linearOf(weights, `${prefix}.fc1`)));
        const learned = tf.relu(linear(hidden, linearOf(weights, `${prefix}.fc2`)));
        return tf.add(tf.mul(learned, bottleneckResidual[0]), tf.mul(x, bottleneckResidual[1]));
      });
    case 'linear':
      return linear(x, linearOf(weights, `${prefix}.linear`)) as tf.Tensor2D;
  }
}

/** Initial weights of an adapter for images or for texts, which have another depth in `'fsac'` only. */
export function initialAdapterOf(
  prefix: string,
  kind: keyof typeof adapterMlps,
  width: number,
  { adapter }: Pick<AdapterConfig, 'adapter'>,
  rng: Rng,
): HeadValues {
  switch (adapter) {
    case 'fsac':
      return initialAdapter(prefix, width, adapterMlps[kind], rng);
    case 'clip-adapter': {
      const hidden = Math.max(1, Math.floor(width / 4));
      const [down, up] = [`${prefix}.fc1`, `${prefix}.fc2`];
      // These two have no biases.
      const weights = {
        ...initialLinear(down, width, hidden, rng),
        ...initialLinear(up, hidden, width, rng),
      };
      return { [`${down}.weight`]: weights[`${down}.weight`], [`${up}.weight`]: weights[`${up}.weight`] };
    }
    case 'linear':
      return initialLinear(`${prefix}.linear`, width, width, rng);
  }
}
