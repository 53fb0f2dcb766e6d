import * as tf from '@tensorflow/tfjs';
import { ArgumentError } from '../errors.js';

/** Named scalars of one step; `total` is the one whose gradient is taken, the others are reported beside it. */
export type Losses = { readonly total: tf.Scalar } & Readonly<Record<string, tf.Scalar>>;

/** By parameter. One on which the total does not depend has none. */
export type Gradients = ReadonlyMap<string, tf.Tensor>;

/**
 * Losses and the gradient of their total. The caller owns the tensors; when something throws, none is left.
 *
 * @param evaluate - Called once; the tensors that it makes are freed.
 * @returns The losses, `total` first, and the gradients.
 * @throws whatever `evaluate` throws; {@link ArgumentError} when it gives something else than scalars.
 */
export function lossGradients(
  parameters: ReadonlyMap<string, tf.Variable>,
  evaluate: () => Losses,
): { losses: ReadonlyMap<string, tf.Scalar>; gradients: Gradients } {
  const losses = new Map<string, tf.Scalar>();
  const named = [...parameters];
  const total = () => {
    const { total, ...others } = evaluate();
    for (const [name, loss] of Object.entries({ total, ...others })) {
      if (loss?.rank !== 0) throw new ArgumentError('loss', `a scalar as ${name}`, loss?.shape.join(' × '));
      losses.set(name, tf.keep(tf.clone(loss)));
    }
    return total;
  };
  try {
    const variables = named.map(([, variable]) => variable);
    const grads = tf.tidy(() => tf.variableGrads(total, variables).grads);
    const gradients = new Map<string, tf.Tensor>();
    for (const [name, variable] of named) {
      if (grads[variable.name]) gradients.set(name, grads[variable.name]);
    }
    return { losses, gradients };
  } catch (error) {
    tf.dispose([...losses.values()]);
    freeTape();
    throw error;
  }
}

/** Euclidean length of all gradients together. */
export function gradientNorm(gradients: Gradients): tf.Scalar {
  return tf.tidy(() => {
    const squares = [...gradients.values()].map((gradient) => tf.sum(tf.square(gradient)));
    return tf.sqrt(squares.reduce((sum, square) => tf.add(sum, square), tf.scalar(0))) as tf.Scalar;
  });
}

/**
 * Gradients scaled down so that their common length is at most `maxNorm`, as PyTorch's `clip_grad_norm_` does it.
 *
 * @returns New tensors, which the caller owns.
 */
export function clipGradients(gradients: Gradients, norm: tf.Scalar, maxNorm: number): Gradients {
  const factor = tf.tidy(() => tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1));
  const clipped = new Map([...gradients].map(([name, gradient]) => [name, tf.mul(gradient, factor)]));
  factor.dispose();
  return clipped;
}

/** TensorFlow.js frees what operations saved for their gradients only when all goes well. */
function freeTape(): void {
  const { state } = tf.engine();
  for (const { saved } of state.activeTape ?? []) tf.dispose(saved ?? []);
}
