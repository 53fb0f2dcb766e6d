import { resize } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';

// Section 4 of PointAD's specification. Image, patch and text features are of unit length throughout.

/**
 * Cosine similarities with the normal and the anomalous text over the temperature (4.1, before the softmax).
 *
 * @param image - [V, D]
 * @param text - [2, D]
 * @returns [V, 2]
 */
export function viewLogits(image: tf.Tensor2D, text: tf.Tensor2D, temperature: number): tf.Tensor2D {
  return tf.tidy(() => tf.div(tf.matMul(image, text, false, true), temperature));
}

/**
 * Probability of being anomalous of every patch (4.2, before the upsampling): of two classes the softmax is
 * σ((cos_a − cos_n) / τ), one product with the difference of the texts.
 *
 * @param patches - [V, P, D]
 * @param text - [2, D]
 * @returns [V, P]
 */
export function patchProbabilities(
  patches: tf.Tensor3D,
  text: tf.Tensor2D,
  temperature: number,
): tf.Tensor2D {
  return tf.tidy(() => {
    const [views, count, width] = patches.shape;
    const [normal, anomalous] = tf.split(text, 2);
    const direction = tf.div(tf.sub(anomalous, normal), temperature) as tf.Tensor2D;
    const logits = dotProducts(tf.reshape(patches, [views * count, width]), direction);
    return tf.reshape(tf.sigmoid(logits), [views, count]) as tf.Tensor2D;
  });
}

/** rows · directionᵀ [N, 1], differentiable to `direction` [1, D] alone: no product turns the many rows around. */
function dotProducts(rows: tf.Tensor2D, direction: tf.Tensor2D): tf.Tensor2D {
  const product = tf.customGrad((...inputs) => {
    const [one, save] = inputs as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    save([rows]);
    return {
      value: tf.matMul(rows, tf.reshape(one, [-1, 1])),
      gradFunc: (upstream, [saved]) =>
        tf.matMul(tf.reshape(upstream as tf.Tensor, [1, -1]) as tf.Tensor2D, saved as tf.Tensor2D),
    };
  });
  return product(direction) as tf.Tensor2D;
}

/**
 * Anomaly maps of the views (4.2): patch probabilities, bilinearly upsampled with half-pixel centres.
 *
 * @param probabilities - [V, P], P patches of a square grid.
 * @returns [V, size, size]
 */
export function viewMaps(probabilities: tf.Tensor2D, size: number): tf.Tensor3D {
  return tf.tidy(() => {
    const [views, count] = probabilities.shape;
    const side = Math.round(Math.sqrt(count));
    const grid = tf.reshape(probabilities, [views, side, side, 1]) as tf.Tensor4D;
    return tf.reshape(resize(grid, size, size), [views, size, size]) as tf.Tensor3D;
  });
}
