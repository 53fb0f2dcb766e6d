import * as tf from '@tensorflow/tfjs';

// Layers are written with matMul, elementwise operations and reductions only: these are right, fast and
// differentiable on every backend, which the fused and special operations of TensorFlow.js 4.22 are not. Some have their
// gradient written down: it takes half of the passes over memory that the gradients of their operations take.

/** Weights of y = x W + b. */
export interface LinearWeights {
  /** [in, out]: the transpose of a PyTorch linear layer's weight. */
  readonly weight: tf.Tensor2D;
  /** [out] */
  readonly bias?: tf.Tensor1D;
}

/** @param x - [..., in]. @returns [..., out]. */
export function linear(x: tf.Tensor, { weight, bias }: LinearWeights): tf.Tensor {
  return tf.tidy(() => {
    const [inputs, outputs] = weight.shape;
    // Flattened because the gradient of a batched product with one shared matrix has the wrong shape.
    const rows = tf.matMul(tf.reshape(x, [-1, inputs]) as tf.Tensor2D, weight);
    const shape = [...x.shape.slice(0, -1), outputs];
    return tf.reshape(bias ? tf.add(rows, bias) : rows, shape);
  });
}

export interface LayerNormWeights {
  /** [width] */
  readonly weight: tf.Tensor1D;
  /** [width] */
  readonly bias: tf.Tensor1D;
}

/** Normalises the last axis to mean 0 and variance 1, then scales and shifts it. @defaultValue epsilon 1e-5, CLIP's */
export function layerNorm(x: tf.Tensor, { weight, bias }: LayerNormWeights, epsilon = 1e-5): tf.Tensor {
  return tf.tidy(() => tf.add(tf.mul(standardise(x, epsilon), weight), bias));
}

/** GELU(x) = x Φ(x), with the exact normal distribution function. */
export function gelu(x: tf.Tensor): tf.Tensor {
  return differentiable(x, (x, save) => {
    const probability = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
    save([x, probability]);
    return {
      value: tf.mul(x, probability),
      // Φ(x) + x φ(x)
      gradFunc: (dy, [x, probability]) => {
        const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return tf.mul(dy, tf.add(probability, tf.mul(x, density)));
      },
    };
  });
}

/** QuickGELU(x) = x σ(1.702 x), which OpenAI's CLIP was trained with. */
export function quickGelu(x: tf.Tensor): tf.Tensor {
  return differentiable(x, (x, save) => {
    const share = tf.sigmoid(tf.mul(x, 1.702));
    const value = tf.mul(x, share);
    save([x, share, value]);
    return {
      value,
      // σ + 1.702 x σ (1 − σ)
      gradFunc: (dy, [x, share, value]) =>
        tf.mul(dy, tf.mul(share, tf.add(tf.mul(tf.sub(x, value), 1.702), 1))),
    };
  });
}

/**
 * Scaled dot-product attention of every head: softmax(Q Kᵀ / √d + mask) V.
 *
 * @param queries - [B, N, H·d]; so are `keys` and `values`.
 * @param mask - [N, N], added to the logits; −Infinity or a large negative number where attention is forbidden.
 * @returns [B, N, H·d], heads side by side.
 */
export function attention(
  queries: tf.Tensor,
  keys: tf.Tensor,
  values: tf.Tensor,
  heads: number,
  mask?: tf.Tensor2D,
): tf.Tensor3D {
  return tf.tidy(() => {
    const [batch, tokens, width] = queries.shape;
    const headWidth = width / heads;
    const split = (x: tf.Tensor) =>
      tf.transpose(tf.reshape(x, [batch, tokens, heads, headWidth]), [0, 2, 1, 3]);
    const v = split(values);
    // The same tensor in value-value attention: its gradients are added up before they are transposed back.
    const [q, k] = [queries, keys].map((x) => (x === values ? v : split(x)));
    const logits = tf.matMul(tf.mul(q, 1 / Math.sqrt(headWidth)), k, false, true); // [B, H, N, N]
    const weights = tf.softmax(mask ? tf.add(logits, mask) : logits, -1);
    const heard = tf.matMul(weights, v); // [B, H, N, d]
    return tf.reshape(tf.transpose(heard, [0, 2, 1, 3]), [batch, tokens, width]) as tf.Tensor3D;
  });
}

/** Divides by the Euclidean length of the last axis, which is taken to be at least 1e-12: no NaN from zeros. */
export function normalise<T extends tf.Tensor>(x: T): T {
  return tf.tidy(() => {
    const squaredLength = tf.sum(tf.square(x), -1, true);
    // The floor is inside the root: the root's gradient at zero is infinite.
    return tf.div(x, tf.sqrt(tf.maximum(squaredLength, 1e-24))) as T;
  });
}

/** The last axis at mean 0 and variance 1. */
function standardise(x: tf.Tensor, epsilon: number): tf.Tensor {
  return differentiable(x, (x, save) => {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
    const value = tf.mul(centred, scale);
    save([value, scale]);
    return {
      value,
      // What of dy is left when its mean and its part along the result are taken out: neither changes the result.
      gradFunc: (dy, [value, scale]) => {
        const along = tf.mean(tf.mul(dy, value), -1, true);
        return tf.mul(tf.sub(tf.sub(dy, tf.mean(dy, -1, true)), tf.mul(value, along)), scale);
      },
    };
  });
}

/** A function of x with a gradient of its own; second derivatives there are none. */
function differentiable(
  x: tf.Tensor,
  evaluate: (x: tf.Tensor, save: tf.GradSaveFunc) => { value: tf.Tensor; gradFunc: Gradient },
): tf.Tensor {
  return tf.customGrad((x, save) => evaluate(x as tf.Tensor, save as tf.GradSaveFunc))(x);
}

type Gradient = (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor;
