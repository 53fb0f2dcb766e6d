import * as tf from '@tensorflow/tfjs';
import { ArgumentError } from '../errors.js';

export interface RecomputeOptions {
  /** Entries of the first axis that are computed together: fewer need less memory. @defaultValue all */
  readonly partSize?: number;
}

/**
 * `f` of a batch, with little memory in training: what `f` computes on the way is not kept for the gradient but computed once
 * more when the gradient is taken, part by part (gradient checkpointing). Values and gradients are those of `f`, for about a
 * third more work. Outside of a gradient only the parts make a difference.
 *
 * @param f - Makes an output of each batch entry alone, [n, …] → [n, …], from the entries and from all `shared` tensors, and
 *   from no other tensor that is differentiated. Called several times.
 * @param batch - [N, …]
 * @param shared - Tensors and variables that all entries need: weights.
 * @returns [N, …]. Differentiable, once, to `batch` and `shared`. The caller owns it.
 * @throws {@link ArgumentError} for a part size that is no whole number from 1.
 */
export function recompute(
  f: (entries: tf.Tensor, shared: readonly tf.Tensor[]) => tf.Tensor,
  batch: tf.Tensor,
  shared: readonly tf.Tensor[],
  { partSize = batch.shape[0] }: RecomputeOptions = {},
): tf.Tensor {
  if (!Number.isInteger(partSize) || partSize < 1) {
    throw new ArgumentError('recompute', 'a partSize from 1', partSize);
  }
  const starts = Array.from({ length: Math.ceil(batch.shape[0] / partSize) }, (_, i) => i * partSize);
  const part = (whole: tf.Tensor, start: number) => {
    const size = Math.min(partSize, whole.shape[0] - start);
    return tf.slice(whole, [start], [size]);
  };
  const forward = tf.customGrad((...given) => {
    const save = given.pop() as tf.GradSaveFunc;
    const [entries, ...others] = given as tf.Tensor[];
    const value = tf.concat(starts.map((start) => tf.tidy(() => f(part(entries, start), others))));
    save([entries, ...others]); // last: what is saved before something throws would stay
    const gradFunc = (slope: tf.Tensor, [entries, ...others]: tf.Tensor[]) =>
      starts
        .map((start) => () => {
          const inputs = [part(entries, start), ...others];
          return gradientsOfPart((x, ...rest) => f(x, rest), inputs, part(slope, start));
        })
        .reduce<tf.Tensor[]>((sums, gradients) => tf.tidy(() => added(sums, gradients())), []);
    return { value, gradFunc };
  });
  return forward(batch, ...shared);
}

/** Gradients of the entries so far, one after the other, and the sums of those of what is shared; frees `sums`. */
function added(sums: readonly tf.Tensor[], [entries, ...others]: readonly tf.Tensor[]): tf.Tensor[] {
  if (sums.length === 0) return [entries, ...others];
  const [before, ...totals] = sums;
  const grown = [tf.concat([before, entries]), ...totals.map((total, i) => tf.add(total, others[i]))];
  tf.dispose([...sums]);
  return grown;
}

/** A gradient within a gradient: TensorFlow.js has one tape, and would forget that of the outer one. */
function gradientsOfPart(
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: tf.Tensor[],
  slope: tf.Tensor,
): tf.Tensor[] {
  const { state } = tf.engine();
  const outer = state.activeTape;
  try {
    return tf.grads(f)(inputs, slope);
  } finally {
    state.activeTape = outer;
  }
}
