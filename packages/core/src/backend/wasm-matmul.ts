import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs';
import { floats, reshaped, size, type WasmBackend } from './wasm-heap.js';

interface MatMulArguments {
  readonly inputs: { readonly a: TensorInfo; readonly b: TensorInfo };
  readonly backend: WasmBackend;
  readonly attrs: { readonly transposeA: boolean; readonly transposeB: boolean };
}

/**
 * Matrix products on the fast path of the wasm backend. Its kernel hands two plain matrices to XNNPACK and
 * everything else — batches, transposes, and so all of attention and every gradient — to a scalar loop ten times
 * slower. Here operands are transposed explicitly and batch entries multiplied one by one, each on the fast path.
 */
export function fastMatMul(plainMatMul: KernelFunc): KernelFunc {
  return ((args: MatMulArguments): TensorInfo => {
    const { inputs, backend, attrs } = args;
    const a = describe(inputs.a, attrs.transposeA);
    const b = describe(inputs.b, attrs.transposeB);
    const unsupported = a.columns !== b.rows || inputs.a.dtype !== 'float32' || inputs.b.dtype !== 'float32';
    const empty = size(inputs.a.shape) * size(inputs.b.shape) === 0;
    const broadcast = a.batches !== b.batches && a.batches !== 1 && b.batches !== 1;
    // Its own kernel says what is wrong with such operands, and handles the rare shapes that we do not.
    if (unsupported || empty || broadcast) return plainMatMul(args as never) as TensorInfo;

    const multiply = (left: TensorInfo, right: TensorInfo): TensorInfo =>
      plainMatMul({
        inputs: { a: left, b: right },
        backend,
        attrs: { transposeA: false, transposeB: false },
      } as never) as TensorInfo;
    const outer = a.batches > b.batches || a.outer.length > b.outer.length ? a.outer : b.outer;

    // One right-hand matrix for all batch entries: the entries are just more rows.
    if (b.batches === 1 && !a.transposed) {
      const rows = reshaped(backend, inputs.a, [a.batches * a.rows, a.columns]);
      const right = matrix(backend, b, 0);
      const product = multiply(rows, right);
      backend.disposeData(rows.dataId);
      backend.disposeData(right.dataId);
      product.shape = [...outer, a.rows, b.columns];
      return product;
    }

    const batches = Math.max(a.batches, b.batches);
    if (batches === 1) {
      const [left, right] = [matrix(backend, a, 0), matrix(backend, b, 0)];
      const product = multiply(left, right);
      backend.disposeData(left.dataId);
      backend.disposeData(right.dataId);
      product.shape = [...outer, a.rows, b.columns];
      return product;
    }
    const out = backend.makeOutput([...outer, a.rows, b.columns], 'float32');
    for (let batch = 0; batch < batches; batch++) {
      const left = matrix(backend, a, a.batches === 1 ? 0 : batch);
      const right = matrix(backend, b, b.batches === 1 ? 0 : batch);
      const product = multiply(left, right);
      floats(backend, out).set(floats(backend, product), batch * a.rows * b.columns);
      for (const temporary of [left, right, product]) backend.disposeData(temporary.dataId);
    }
    return out;
  }) as unknown as KernelFunc;
}

interface Operand {
  readonly tensor: TensorInfo;
  readonly transposed: boolean;
  readonly outer: readonly number[];
  readonly batches: number;
  /** After the transpose. */
  readonly rows: number;
  readonly columns: number;
}

function describe(tensor: TensorInfo, transposed: boolean): Operand {
  const outer = tensor.shape.slice(0, -2);
  const [first, second] = tensor.shape.slice(-2);
  const [rows, columns] = transposed ? [second, first] : [first, second];
  return { tensor, transposed, outer, batches: size(outer), rows, columns };
}

/** Batch entry `index` as a [rows, columns] matrix of its own. */
function matrix(backend: WasmBackend, operand: Operand, index: number): TensorInfo {
  const { tensor, transposed, batches, rows, columns } = operand;
  if (batches === 1 && !transposed) return reshaped(backend, tensor, [rows, columns]);
  const out = backend.makeOutput([rows, columns], 'float32');
  const from = floats(backend, tensor).subarray(index * rows * columns, (index + 1) * rows * columns);
  const to = floats(backend, out);
  if (transposed) transpose(from, to, rows, columns);
  else to.set(from);
  return out;
}

/** Tile side of the transpose: two tiles of float32 fit into the first-level cache. */
const TILE = 32;

/** Writes the [rows, columns] transpose of `from`, which is [columns, rows]. */
function transpose(from: Float32Array, to: Float32Array, rows: number, columns: number): void {
  for (let top = 0; top < rows; top += TILE) {
    const bottom = Math.min(top + TILE, rows);
    for (let left = 0; left < columns; left += TILE) {
      const right = Math.min(left + TILE, columns);
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          to[row * columns + column] = from[column * rows + row];
        }
      }
    }
  }
}
