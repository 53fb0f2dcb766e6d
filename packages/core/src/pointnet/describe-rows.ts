import * as tf from '@tensorflow/tfjs';
import { groupMaxima } from '../tensor/index.js';
import { evaluate, layerGradients, type Trace, trace, train } from './mlp-passes.js';
import type { MlpLayer } from './shared-mlp.js';

/** Where the rows of an MLP come from. */
export interface RowSource {
  /** What the rows are made of and differentiable to; borrowed. */
  readonly inputs: readonly tf.Tensor[];
  /** What else they are made of; borrowed. */
  readonly constants: readonly tf.Tensor[];
  /** The rows [G·K, in] of such inputs and constants, group after group; a new tensor. */
  rows(parts: readonly tf.Tensor[]): tf.Tensor2D;
  /** The gradients of the inputs from that of the rows and the parts; new tensors. Not called without inputs. */
  back(slope: tf.Tensor2D, parts: readonly tf.Tensor[]): tf.Tensor[];
}

/**
 * The shared MLP on every row, then the maximum over each group of rows; its gradient goes to the first of equal maxima.
 *
 * To the gradient tape this is one operation. What the layers make of the rows is hundreds of megabytes for a batch of
 * patches: only a small part of that is kept for the backward pass, the rest is computed again there.
 *
 * @param groupSize - K; 1 for no maximum.
 * @param training - Whether batch norm uses the batch and moves its statistics. If not, the result is differentiable to
 *   the inputs alone.
 * @returns [G, out]. The caller owns it.
 */
export function describeRows(
  source: RowSource,
  groupSize: number,
  layers: readonly MlpLayer[],
  training: boolean,
): tf.Tensor2D {
  const count = source.inputs.length;
  const partCount = count + source.constants.length;
  const operation = tf.customGrad((...given) => {
    const save = given.at(-1) as (tensors: tf.Tensor[]) => void;
    const parts = [...(given.slice(0, count) as tf.Tensor[]), ...source.constants];
    return {
      value: tf.tidy(() => {
        const rows = source.rows(parts);
        const keeps = training && rows.shape[0] * widthOf(layers) <= KEPT;
        const { output, traces } = training
          ? train(rows, layers, keeps)
          : { output: evaluate(rows, layers), traces: [] };
        save([...parts, ...traces.flatMap(({ centred, spread }) => [centred, spread])]);
        if (groupSize === 1) return output;
        return groupMaxima(output, groupSize);
      }),
      gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) =>
        tf.tidy(() => {
          const [parts, kept] = [saved.slice(0, partCount), saved.slice(partCount)];
          const rows = source.rows(parts);
          const traces = kept.length > 0 ? tracesOf(kept) : trace(rows, layers, training);
          const { before, ofParameters } = layerGradients(rows, layers, traces, {
            training,
            owned: kept.length === 0,
            needsBefore: count > 0,
            slopeOf: (output) =>
              groupSize === 1 ? tf.clone(gradient as tf.Tensor2D) : toMaxima(gradient, output, groupSize),
          });
          rows.dispose();
          return [...(before ? source.back(before, parts) : []), ...ofParameters];
        }),
    };
  });
  const parameters = training ? layers.flatMap(parametersOf) : [];
  return operation(...source.inputs, ...parameters) as tf.Tensor2D;
}

/** Rows that are there already. */
export function givenRows(rows: tf.Tensor2D): RowSource {
  return {
    inputs: [rows],
    constants: [],
    rows: ([x]) => tf.clone(x) as tf.Tensor2D,
    back: (slope) => [tf.clone(slope)],
  };
}

/** Most numbers that one operation keeps for its backward pass: 64 MiB. */
const KEPT = 2 ** 24;

function widthOf(layers: readonly MlpLayer[]): number {
  return layers.reduce((sum, { linear }) => sum + linear.weight.shape[1], 0);
}

/** As they were saved, one after another. */
function tracesOf(saved: readonly tf.Tensor[]): Trace[] {
  return Array.from({ length: saved.length / 2 }, (_, i) => ({
    centred: saved[2 * i] as tf.Tensor2D,
    spread: saved[2 * i + 1],
  }));
}

/** In the order of the gradients that `layerGradients` gives. */
function parametersOf({ linear, norm }: MlpLayer): tf.Tensor[] {
  return [linear.weight, ...(linear.bias ? [linear.bias] : []), ...(norm ? [norm.weight, norm.bias] : [])];
}

/** The gradient of a maximum: to the first row of each group that has it. @returns [G·K, C]. */
function toMaxima(gradient: tf.Tensor, rows: tf.Tensor2D, groupSize: number): tf.Tensor2D {
  return tf.tidy(() => {
    const first = tf.argMax(tf.reshape(rows, [-1, groupSize, rows.shape[1]]), 1);
    const places = tf.reshape(tf.range(0, groupSize), [1, groupSize, 1]);
    // 1 − |difference| where that is above 0: on wasm eight times as fast as tf.equal, which is slow to broadcast.
    const distance = tf.abs(tf.sub(places, tf.expandDims(tf.cast(first, 'float32'), 1)));
    const placed = tf.mul(tf.relu(tf.sub(1, distance)), tf.expandDims(gradient, 1));
    return tf.reshape(placed, rows.shape);
  });
}
