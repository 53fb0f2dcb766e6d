import * as tf from '@tensorflow/tfjs';
import type { MatrixProduct } from '../memory-bank/index.js';

/**
 * Matrix products on the backend of TensorFlow.js that is current when a bank is prepared. What it holds of the bank, the
 * search's `dispose` frees.
 */
export function tfjsProduct(): MatrixProduct {
  return {
    async prepare(block, rows, dimension) {
      const step = tf.getBackend() === 'wasm' ? Math.max(1, Math.floor(TILE / (4 * dimension))) : rows;
      const tiles = Array.from({ length: Math.ceil(rows / step) }, (_, i) =>
        transposed(block.subarray(i * step * dimension, (i + 1) * step * dimension), dimension),
      );
      return {
        async multiply(queries) {
          const count = queries.length / dimension;
          const left = tf.tensor2d(queries, [count, dimension]);
          try {
            if (tiles.length === 1) return await product(left, tiles[0]);
            const all = new Float32Array(count * rows);
            for (const [i, tile] of tiles.entries()) {
              const width = tile.shape[1];
              const products = await product(left, tile);
              for (let query = 0; query < count; query++) {
                const row = products.subarray(query * width, (query + 1) * width);
                all.set(row, query * rows + i * step);
              }
            }
            return all;
          } finally {
            left.dispose();
          }
        },
        dispose: () => tf.dispose(tiles),
      };
    },
  };
}

/** Bytes of the bank in one product on wasm, which walks over all of them for every few queries: they stay in the cache. */
const TILE = 2 ** 20;

/** Once and for all: on wasm only a plain 2-D product is fast. */
function transposed(block: Float32Array, dimension: number): tf.Tensor2D {
  return tf.tidy(() => tf.transpose(tf.tensor2d(block, [block.length / dimension, dimension])));
}

async function product(left: tf.Tensor2D, right: tf.Tensor2D): Promise<Float32Array> {
  const products = tf.matMul<tf.Tensor2D>(left, right);
  try {
    return await products.data<'float32'>();
  } finally {
    products.dispose();
  }
}
