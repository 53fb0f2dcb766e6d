import * as tf from '@tensorflow/tfjs';

/**
 * Maximum over the group axis. Its gradient goes to the first of equal maxima, as PyTorch's does; that of `tf.max` goes to
 * each of them in full, which would count a point as often as it was repeated to fill its group.
 *
 * @param x - [G, K, C]
 * @returns [G, C]
 */
export function maxOfGroup(x: tf.Tensor3D): tf.Tensor2D {
  const groupSize = x.shape[1];
  const maximum = tf.customGrad((input, save) => {
    (save as (tensors: tf.Tensor[]) => void)([input as tf.Tensor]);
    return {
      value: tf.max(input as tf.Tensor, 1),
      gradFunc: (gradient: tf.Tensor, [saved]: tf.Tensor[]) => {
        // Not tf.oneHot: on wasm its float32 holds the bits of integers, on webgpu its int32 cannot be transposed.
        const places = tf.reshape(tf.range(0, groupSize, 1, 'int32'), [1, groupSize, 1]);
        const isFirst = tf.equal(places, tf.expandDims(tf.argMax(saved, 1), 1)); // [G, K, C]
        return tf.mul(tf.cast(isFirst, 'float32'), tf.expandDims(gradient, 1));
      },
    };
  });
  return maximum(x) as tf.Tensor2D;
}
