import type { Rng } from '@anomclip/core/random';
import { layerNorm, linear } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import {
  bytesOfBlock,
  initialTransformerBlock,
  recomputedBlock,
  transformerBlock,
} from '../heads/transformer-block.js';
import {
  type HeadValues,
  type HeadWeights,
  initialLayerNorm,
  initialLinear,
  layerNormOf,
  linearOf,
} from '../heads/weights.js';

export interface LocalFusionConfig {
  /**
   * What attends to what: all patches of all views, the patches of each view, each patch's views, or the patches of
   * the views' mean.
   */
  readonly localFuse: 'joint' | 'per-view' | 'per-patch' | 'mean-first';
  /** Whether a learned vector per view is added first. */
  readonly viewEmbedding: boolean;
  /**
   * Whether training keeps what the blocks compute on the way for the gradient, or computes it again, which needs much less
   * memory and a third more time; the results are the same. `'auto'` computes again what would be above 256 MB.
   */
  readonly recompute: 'auto' | 'always' | 'never';
  /** Units of an attention head. */
  readonly headWidth: number;
}

/**
 * Local fusion of the views (section 8.2 of CLIP3D-AD's specification): two transformer blocks, the mean over the
 * views, and a projection to the text space.
 *
 * @param views - [B, V, P, W], last-stage patch tokens of the views.
 * @returns [B, P, C]. The caller owns it.
 */
export function fuseLocal(views: tf.Tensor4D, weights: HeadWeights, config: LocalFusionConfig): tf.Tensor3D {
  const [batch, count, patches, width] = views.shape;
  const heads = width / config.headWidth;
  const attend = (sequences: tf.Tensor) => {
    const run = blockRunner(sequences as tf.Tensor3D, heads, config);
    const first = run(sequences as tf.Tensor3D, weights, 'local_fusion.block_1', heads);
    return run(first, weights, 'local_fusion.block_2', heads);
  };
  return tf.tidy(() => {
    const marked = config.viewEmbedding
      ? (tf.add(
          views,
          tf.reshape(weights['local_fusion.view_embedding'], [1, count, 1, width]),
        ) as tf.Tensor4D)
      : views;
    const project = (mean: tf.Tensor) =>
      linear(
        layerNorm(mean, layerNormOf(weights, 'local_fusion.ln')),
        linearOf(weights, 'local_fusion.proj'),
      );
    switch (config.localFuse) {
      case 'mean-first':
        return project(attend(tf.mean(marked, 1))) as tf.Tensor3D;
      case 'joint': {
        const joint = attend(tf.reshape(marked, [batch, count * patches, width]));
        return project(tf.mean(tf.reshape(joint, views.shape), 1)) as tf.Tensor3D;
      }
      case 'per-view': {
        const each = attend(tf.reshape(marked, [batch * count, patches, width]));
        return project(tf.mean(tf.reshape(each, views.shape), 1)) as tf.Tensor3D;
      }
      case 'per-patch': {
        const byPatch = tf.reshape(tf.transpose(marked, [0, 2, 1, 3]), [batch * patches, count, width]);
        return project(
          tf.mean(tf.reshape(attend(byPatch), [batch, patches, count, width]), 2),
        ) as tf.Tensor3D;
      }
    }
  });
}

const blocks = 2;
/** Of what the blocks keep for the gradient, and of what is computed together when they do not. */
const mostKeptBytes = 2 ** 28;
const mostBytesTogether = 2 ** 27;

/** Both blocks as they are, or recomputed. */
function blockRunner(
  { shape: [sequences, tokens, width] }: tf.Tensor3D,
  heads: number,
  { recompute }: Pick<LocalFusionConfig, 'recompute'>,
): typeof transformerBlock {
  const bytes = bytesOfBlock(tokens, width, heads);
  const fits = blocks * sequences * bytes <= mostKeptBytes;
  if (recompute === 'never' || (recompute === 'auto' && fits)) return transformerBlock;
  const together = Math.max(1, Math.floor(mostBytesTogether / bytes));
  return (...args) => recomputedBlock(...args, together);
}

/** Initial weights. */
export function initialLocalFusion(
  views: number,
  tokenWidth: number,
  textWidth: number,
  { viewEmbedding }: LocalFusionConfig,
  rng: Rng,
): HeadValues {
  return {
    ...initialTransformerBlock('local_fusion.block_1', tokenWidth, rng),
    ...initialTransformerBlock('local_fusion.block_2', tokenWidth, rng),
    ...initialLayerNorm('local_fusion.ln', tokenWidth),
    ...initialLinear('local_fusion.proj', tokenWidth, textWidth, rng),
    ...(viewEmbedding
      ? {
          'local_fusion.view_embedding': {
            shape: [views, tokenWidth],
            data: new Float32Array(views * tokenWidth),
          },
        }
      : {}),
  };
}
