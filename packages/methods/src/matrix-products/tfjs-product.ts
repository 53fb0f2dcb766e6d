import * as tf from '@tensorflow/tfjs';
import type { MatrixProduct } from '../memory-bank/index.js';

/**
 * Matrix products on the backend of TensorFlow.js that is current when a bank is prepared. Every 64 MiB of the bank are
 * a tensor of their own, which the search's `dispose` frees.
 */
export function tfjsProduct(): MatrixProduct {
  return {
    async prepare(block, rows, dimension) {
      // Transposed once and for all: on wasm only a plain 2-D product is fast.
      const transposed = tf.tidy(() => tf.transpose(tf.tensor2d(block, [rows, dimension])));
      return {
        async multiply(queries) {
          const products = tf.tidy(() =>
            tf.matMul(tf.tensor2d(queries, [queries.length / dimension, dimension]), transposed),
          );
          try {
            return await products.data<'float32'>();
          } finally {
            products.dispose();
          }
        },
        dispose: () => transposed.dispose(),
      };
    },
  };
}
