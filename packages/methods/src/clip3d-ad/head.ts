import type { Rng } from '@anomclip/core/random';
import { normalise } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import type { HeadValues, HeadWeights } from '../heads/weights.js';
import { adapt, initialAdapterOf } from './adapters.js';
import type { Clip3dConfig, Clip3dSizes } from './config.js';
import { decode, initialDecoder } from './decoder.js';
import type { Clip3dFeatures } from './features.js';
import { fuseGlobal, initialGlobalFusion } from './global-fusion.js';
import { fuseLocal, initialLocalFusion } from './local-fusion.js';

/** Features of images in the text space, after adapter, decoder and fusion. */
export interface EnhancedImages {
  /** I_A, [B, C]. */
  readonly image: tf.Tensor2D;
  /** F, [B, P, C]. */
  readonly local: tf.Tensor3D;
}

/** Initial weights of all that is trained. */
export function initialHead(config: Clip3dConfig, sizes: Clip3dSizes, rng: Rng): HeadValues {
  const { textWidth } = sizes;
  return {
    ...initialAdapterOf('class_text', 'text', textWidth, config, rng),
    ...initialAdapterOf('segmentation_text', 'text', textWidth, config, rng),
    ...initialImageHead(config, sizes, rng),
  };
}

/** Those of {@link initialHead} that images go through: all that is needed once both texts have been adapted. */
export function initialImageHead(config: Clip3dConfig, sizes: Clip3dSizes, rng: Rng): HeadValues {
  const { tokenWidth, textWidth, views } = sizes;
  return {
    ...initialAdapterOf('image', 'image', textWidth, config, rng),
    ...initialDecoder(decoderSizes(sizes), { ...config, ...sizes }, rng),
    ...(views > 0 &&
      startingFusion(config, initialGlobalFusion(views, textWidth, { ...config, ...sizes }, rng))),
    ...(views > 0 &&
      startingFusion(config, initialLocalFusion(views, tokenWidth, textWidth, { ...config, ...sizes }, rng))),
  };
}

/**
 * Images in the text space (section 8.3): adapter and global fusion give I_A, decoder and local fusion F.
 *
 * @param weights - Names of {@link initialImageHead}.
 * @returns Tensors that the caller owns.
 */
export function enhance(
  { image, tokens, views, viewTokens }: Clip3dFeatures,
  weights: HeadWeights,
  config: Clip3dConfig,
  sizes: Clip3dSizes,
): EnhancedImages {
  return tf.tidy(() => {
    const adapted = adapt(image, weights, 'image', config);
    const local = decode(tokens, weights, decoderSizes(sizes), { ...config, ...sizes });
    if (!views || !viewTokens) return { image: adapted, local };
    const fromViews = fuseGlobal(views, weights, config);
    const localFromViews = fuseLocal(viewTokens, weights, { ...config, ...sizes });
    return {
      image: tf.add(adapted, tf.mul(fromViews, config.mvWeight)) as tf.Tensor2D,
      local: tf.add(local, tf.mul(localFromViews, config.mvWeight)) as tf.Tensor3D,
    };
  });
}

/** Probabilities of the anomalous text (Eqs. 16 and 17), [B]. The caller owns them. */
export function anomalousProbability(image: tf.Tensor2D, text: tf.Tensor2D, tau: number): tf.Tensor1D {
  return tf.tidy(() => {
    const cosines = tf.matMul(normalise(image), normalise(text), false, true);
    return tf.reshape(tf.slice(tf.softmax(tf.div(cosines, tau)), [0, 1], [-1, 1]), [-1]) as tf.Tensor1D;
  });
}

function decoderSizes({ tokenWidth, textWidth, layers }: Clip3dSizes) {
  return { tokenWidth, textWidth, layers: layers.length };
}

/** O14: with the last maps 0, the views add nothing at first. */
function startingFusion({ mvfmZeroInit }: Clip3dConfig, values: HeadValues): HeadValues {
  if (!mvfmZeroInit) return values;
  const isLast = (name: string) => /^(global_fusion\.fc|local_fusion\.proj)\./.test(name);
  return Object.fromEntries(
    Object.entries(values).map(([name, { shape, data }]) => [
      name,
      { shape, data: isLast(name) ? new Float32Array(data.length) : data },
    ]),
  );
}
