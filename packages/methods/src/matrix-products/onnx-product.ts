import { AnomclipError } from '@anomclip/core';
import { OnnxGraph, type OnnxRuntime } from '@anomclip/core/encoder';
import type { MatrixProduct } from '../memory-bank/index.js';

export interface OnnxProductOptions {
  /** Passed to the runtime: execution providers, threads, … @defaultValue the runtime's own */
  readonly session?: Record<string, unknown>;
  /** See {@link MatrixProduct}. Set it where `session` names a provider that computes in TF32 or float16. */
  readonly roundoff?: number;
}

/**
 * Matrix products on ONNX Runtime: the fastest on a CPU. The rows are a constant of a graph made in memory, so the
 * runtime arranges them once for its product. Every 256 MiB of the bank are a session of their own.
 *
 * @param ort - `await import('onnxruntime-node')` or `await import('onnxruntime-web')`.
 * @returns Its methods throw {@link AnomclipError} when the runtime fails, with its error as the cause.
 */
export function onnxProduct(
  ort: OnnxRuntime,
  { session: sessionOptions, roundoff }: OnnxProductOptions = {},
): MatrixProduct {
  return {
    roundoff,
    blockBytes: 256 * 2 ** 20,
    async prepare(block, rows, dimension) {
      const { graph, externalData } = await productGraph(block, rows, dimension).write();
      const session = await named('does not take the bank', () =>
        ort.InferenceSession.create(graph, { ...sessionOptions, externalData }),
      );
      return {
        multiply: (queries) =>
          named('fails to multiply', async () => {
            const shape = [queries.length / dimension, dimension];
            const outputs = await session.run({ queries: new ort.Tensor('float32', queries, shape) });
            return outputs.products.data as Float32Array;
          }),
        dispose: () => session.release(),
      };
    },
  };
}

function productGraph(block: Float32Array, rows: number, dimension: number): OnnxGraph {
  const graph = new OnnxGraph();
  const queries = graph.input('queries', ['Q', dimension]);
  const bank = graph.weight([rows, dimension], async () => block);
  const [products] = graph.add('Gemm', [queries, bank], { transB: 1 });
  graph.output('products', products, ['Q', rows]);
  return graph;
}

async function named<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AnomclipError(`onnxProduct: ONNX Runtime ${what}: ${reason}`, { cause });
  }
}
