import { readFileSync } from 'node:fs';
import { setUpBackend } from '@anomclip/core/backend';
import type { OnnxRuntime } from '@anomclip/core/encoder';
import { onnxProduct, tfjsProduct } from '@anomclip/methods/matrix-products';
import { createBankSearch, type MatrixProduct } from '@anomclip/methods/memory-bank';
import type { SearchSetting } from './cases/bank-search.js';
import { serve } from './serve.js';

/** Searches a bank whenever it is told to, in a process of its own; its argument is a `SearchSetting`. */
const { engine, queries, bank, dimension, threads } = JSON.parse(process.argv[2]) as SearchSetting;
const product = await createProduct();
const search = await createBankSearch(readRows(bank), dimension, { product });
const queryRows = readRows(queries);
await serve(`${engine}${threads ? `, threads ${threads}` : ''},`, () => search.search(queryRows), 0);

async function createProduct(): Promise<MatrixProduct | undefined> {
  if (engine === 'loops') return undefined;
  if (engine === 'tfjs-wasm') {
    await setUpBackend('wasm');
    return tfjsProduct();
  }
  return onnxProduct((await import('onnxruntime-node')) as OnnxRuntime, {
    session: threads ? { intraOpNumThreads: threads } : undefined,
  });
}

function readRows(path: string): Float32Array {
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}
