import type { Rng } from '@anomclip/core/random';
import type { LayerNormWeights, LinearWeights } from '@anomclip/core/tensor';
import { ModelState } from '@anomclip/core/training';
import * as tf from '@tensorflow/tfjs';

/** The tensors of a trained head by name; names are those of PyTorch's modules, matrices [in, out]. */
export type HeadWeights = Readonly<Record<string, tf.Tensor>>;

/** `<name>.weight` and, where there is one, `<name>.bias`. */
export function linearOf(weights: HeadWeights, name: string): LinearWeights {
  return {
    weight: weights[`${name}.weight`] as tf.Tensor2D,
    bias: weights[`${name}.bias`] as tf.Tensor1D | undefined,
  };
}

export function layerNormOf(weights: HeadWeights, name: string): LayerNormWeights {
  return { weight: weights[`${name}.weight`] as tf.Tensor1D, bias: weights[`${name}.bias`] as tf.Tensor1D };
}

/** Values of a head's tensors by name, before training or from a file. */
export type HeadValues = Record<string, { readonly shape: number[]; readonly data: Float32Array }>;

/**
 * A linear layer as the heads begin: Xavier-normal weights, std √(2 / (in + out)), biases uniform in ±1/√in
 * (section 5 of CLIP-FSAC++'s specification).
 */
export function initialLinear(name: string, inputs: number, outputs: number, rng: Rng): HeadValues {
  const [draws, std, bound] = [rng.fork(name), Math.sqrt(2 / (inputs + outputs)), 1 / Math.sqrt(inputs)];
  const weight = Float32Array.from({ length: inputs * outputs }, () => draws.normal(0, std));
  const bias = Float32Array.from({ length: outputs }, () => draws.uniform(-bound, bound));
  return {
    [`${name}.weight`]: { shape: [inputs, outputs], data: weight },
    [`${name}.bias`]: { shape: [outputs], data: bias },
  };
}

/** A layer norm before training: scale 1, shift 0. */
export function initialLayerNorm(name: string, width: number): HeadValues {
  return {
    [`${name}.weight`]: { shape: [width], data: new Float32Array(width).fill(1) },
    [`${name}.bias`]: { shape: [width], data: new Float32Array(width) },
  };
}

/** The values as parameters to train. The caller owns the state. */
export function stateOf(values: HeadValues): ModelState {
  const state = new ModelState();
  for (const [name, { shape, data }] of Object.entries(values)) {
    state.parameter(name, shape as tf.ShapeMap[tf.Rank], data);
  }
  return state;
}

/** Values as tensors, which the caller owns. Copies: on the cpu backend a tensor is the array it was made from. */
export function tensorsOf(values: HeadValues): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(values).map(([name, { shape, data }]) => [name, tf.tensor(data.slice(), shape)]),
  );
}

/** The present parameters of a state as weights; they stay the state's. */
export function weightsOf({ parameters }: ModelState): HeadWeights {
  return Object.fromEntries(parameters);
}

/** The present values of a state. The caller owns the arrays. */
export async function valuesOf(state: ModelState): Promise<HeadValues> {
  const saved = await state.save();
  return Object.fromEntries(
    [...saved].map(([name, { shape, data }]) => [name, { shape: [...shape], data: data as Float32Array }]),
  );
}
