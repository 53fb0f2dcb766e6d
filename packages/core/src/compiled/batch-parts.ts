import * as tf from '@tensorflow/tfjs';
import { CompileError } from './compile-error.js';

/** What a batch is made of. */
export interface BatchParts {
  /** The same for batches that the same program serves: types and shapes of tensors, and all else as it is. */
  readonly key: string;
  /** In the order of their places. */
  readonly tensors: readonly tf.Tensor[];
}

/**
 * Takes a batch apart: tensors, in arrays, maps and plain objects however deep.
 *
 * @throws {@link CompileError} when there is something in it that may change unseen, such as an instance of a class.
 */
export function batchParts(batch: unknown): BatchParts {
  const tensors: tf.Tensor[] = [];
  const words: string[] = [];
  walk(batch, 'batch', (part, place) => {
    if (part instanceof tf.Tensor && !(part instanceof tf.Variable)) {
      tensors.push(part);
      words.push(`${place} ${part.dtype}[${part.shape}]`);
    } else words.push(`${place} ${text(part, place)}`);
    return part;
  });
  return { key: words.join('\n'), tensors };
}

/** A copy of a batch with other tensors at the places of its own, in the order of {@link batchParts}. */
export function withTensors<Batch>(batch: Batch, tensors: readonly tf.Tensor[]): Batch {
  let next = 0;
  return walk(batch, 'batch', (part) => (part instanceof tf.Tensor ? tensors[next++] : part)) as Batch;
}

/** Copies containers; `visit` gives what comes in place of all else. */
function walk(value: unknown, place: string, visit: (part: unknown, place: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item, i) => walk(item, `${place}[${i}]`, visit));
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [key, walk(item, `${place}[${String(key)}]`, visit)]));
  }
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, walk(item, `${place}.${key}`, visit)]),
    );
  }
  return visit(value, place);
}

/** What a part that is no tensor is, in full: the program is made for it. */
function text(part: unknown, place: string): string {
  if (ArrayBuffer.isView(part) && 'join' in part) {
    return `${part.constructor.name}(${(part as Float32Array).join()})`;
  }
  const isKnown = part === null || !['object', 'function', 'symbol'].includes(typeof part);
  if (isKnown) return typeof part === 'string' ? JSON.stringify(part) : String(part);
  const what = (part as object).constructor?.name ?? typeof part;
  throw new CompileError(
    `compiled training: ${place} is a ${what}, which may change unseen; give its numbers as tensors`,
  );
}
