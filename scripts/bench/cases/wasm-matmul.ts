import { repairWasmKernels } from '@anomclip/core/backend';
import { createRng } from '@anomclip/core/random';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';

interface Product {
  readonly name: string;
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Whether both gradients are computed too: three products in all. */
  readonly gradient?: boolean;
}

const products: readonly Product[] = [
  { name: 'transposed right operand', a: [226, 896], b: [896, 896], transposeB: true },
  { name: 'transposed left operand', a: [896, 226], b: [896, 896], transposeA: true },
  { name: 'batched Q Kᵀ', a: [14, 226, 64], b: [14, 226, 64], transposeB: true },
  { name: 'batched attention × V', a: [14, 226, 226], b: [14, 226, 64] },
  { name: 'one matrix for a batch', a: [4, 226, 896], b: [1, 896, 896] },
  { name: 'with both gradients', a: [226, 896], b: [896, 896], gradient: true },
];
/** Per floating-point operation, against the plain 2-D product: less than a third of its speed is too slow. */
const atMost = 3;

/** Matrix products on wasm before and after our repair, as time per operation relative to a plain 2-D product. */
export async function benchWasmMatMul(rounds: number): Promise<boolean> {
  await tf.setBackend('wasm');
  const before = await ratios(rounds);
  repairWasmKernels();
  const after = await ratios(rounds);
  let allMet = true;
  products.forEach(({ name }, i) => {
    const met = after[i] <= atMost;
    allMet &&= met;
    const verdict = `${after[i].toFixed(2)} (at most ${atMost}: ${met ? 'met' : 'MISSED'})`;
    console.log(
      `wasm, ${name}: ${before[i].toFixed(2)} times the plain product as TensorFlow.js has it, repaired ${verdict}`,
    );
  });
  return allMet;
}

async function ratios(rounds: number): Promise<number[]> {
  const plain: Product = { name: 'plain', a: [226, 896], b: [896, 896] };
  const results: number[] = [];
  for (const product of products) {
    const pairs: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const ratio = (await secondsPerOperation(product)) / (await secondsPerOperation(plain));
      if (round > 0) pairs.push(ratio); // the first warms up
    }
    results.push(pairs.sort((a, b) => a - b)[pairs.length >> 1]);
  }
  return results;
}

async function secondsPerOperation(product: Product): Promise<number> {
  const { transposeA = false, transposeB = false, gradient = false } = product;
  const [a, b] = [random(product.a), random(product.b)];
  const multiply = (x: tf.Tensor, y: tf.Tensor) => tf.matMul(x, y, transposeA, transposeB);
  const start = performance.now();
  const results = gradient ? tf.grads((x, y) => tf.sum(multiply(x, y)))([a, b]) : [multiply(a, b)];
  await results[0].data();
  const seconds = (performance.now() - start) / 1000;
  const columns = product.b[product.b.length - (transposeB ? 2 : 1)];
  const operations = 2 * a.size * columns * (gradient ? 3 : 1);
  tf.dispose([a, b, ...results]);
  return seconds / operations;
}

function random(shape: readonly number[]): tf.Tensor {
  const rng = createRng('wasm-matmul');
  const values = Float32Array.from({ length: shape.reduce((x, y) => x * y, 1) }, () => rng.uniform(-1, 1));
  return tf.tensor(values, [...shape]);
}
