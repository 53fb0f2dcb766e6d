import { AnomclipError } from '@anomclip/core';
import type { OnnxRuntime } from '@anomclip/core/encoder';
import { createRng } from '@anomclip/core/random';
import * as tf from '@tensorflow/tfjs';
import * as ortNode from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { describeOnBackends } from '../../../core/src/testing/backends.fixture.js';
import { createBankSearch, type MatrixProduct, searchBank } from '../memory-bank/index.js';
import { onnxProduct } from './onnx-product.js';
import { tfjsProduct } from './tfjs-product.js';

const native = ortNode as OnnxRuntime;
const web = ortWeb as unknown as OnnxRuntime;

const rng = createRng('products');
const dimension = 97;
const rows = (count: number) => Float32Array.from({ length: count * dimension }, () => 50 + rng.normal());
const bank = rows(130);
bank.copyWithin(100 * dimension, 0, 30 * dimension); // ties
const queries = rows(23);
queries.set(bank.subarray(5 * dimension, 7 * dimension));

/** In blocks of 40 rows and 3 queries, so that both have a rest. */
async function expectBruteForce(product: MatrixProduct): Promise<void> {
  const blocked: MatrixProduct = { ...product, blockBytes: 40 * 4 * dimension };
  const options = { product: blocked, k: 4, resultBytes: 3 * 40 * 4 };
  expect(await searchBank(queries, bank, dimension, options)).toEqual(
    await searchBank(queries, bank, dimension, { k: 4 }),
  );
}

async function expectScalarProducts(product: MatrixProduct): Promise<void> {
  const prepared = await product.prepare(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3);
  try {
    const products = await prepared.multiply(Float32Array.of(1, 0, -1, 0, 0, 2, 1, 1, 1));
    expect(products).toEqual(Float32Array.of(-2, -2, 6, 12, 6, 15));
  } finally {
    await prepared.dispose();
  }
}

describeOnBackends('tfjsProduct', () => {
  test('multiplies every query with every row, and the search with it is brute force', async () => {
    await expectScalarProducts(tfjsProduct());
    await expectBruteForce(tfjsProduct());
  });

  test('holds one tensor per block until the search is disposed', async () => {
    const before = tf.memory().numTensors;
    const product: MatrixProduct = { ...tfjsProduct(), blockBytes: 40 * 4 * dimension };
    const search = await createBankSearch(bank, dimension, { product });
    expect(tf.memory().numTensors).toBe(before + 4);
    await search.search(queries);
    expect(tf.memory().numTensors).toBe(before + 4);
    const signal = AbortSignal.abort();
    await expect(search.search(queries, { signal })).rejects.toThrow();
    await search.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe.each([
  ['onnxruntime-node', native],
  ['onnxruntime-web', web],
])('onnxProduct on %s', (_, ort) => {
  test('multiplies every query with every row, and the search with it is brute force', async () => {
    await expectScalarProducts(onnxProduct(ort));
    await expectBruteForce(onnxProduct(ort));
  });
});

test('onnxProduct releases every session with the search', async () => {
  let sessions = 0;
  const counting: OnnxRuntime = {
    Tensor: native.Tensor,
    InferenceSession: {
      async create(model, options) {
        const session = await native.InferenceSession.create(model, options);
        sessions++;
        return {
          run: (feeds) => session.run(feeds),
          release: async () => {
            sessions--;
            await session.release();
          },
        };
      },
    },
  };
  const product: MatrixProduct = { ...onnxProduct(counting), blockBytes: 40 * 4 * dimension };
  const search = await createBankSearch(bank, dimension, { product });
  expect(sessions).toBe(4);
  await search.dispose();
  expect(sessions).toBe(0);
});

test('onnxProduct names itself when the runtime fails, with the cause', async () => {
  const cause = new Error('out of memory');
  const failing: OnnxRuntime = {
    Tensor: native.Tensor,
    InferenceSession: { create: () => Promise.reject(cause) },
  };
  const error = await createBankSearch(bank, dimension, { product: onnxProduct(failing) }).catch((e) => e);
  expect(error).toBeInstanceOf(AnomclipError);
  expect(error.message).toBe('onnxProduct: ONNX Runtime does not take the bank: out of memory');
  expect(error.cause).toBe(cause);
});
