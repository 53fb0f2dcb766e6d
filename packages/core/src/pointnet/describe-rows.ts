import * as tf from '@tensorflow/tfjs';
import { type BatchNorm, moveStatistics } from '../tensor/index.js';
import type { MlpLayer } from './shared-mlp.js';

/** Where the rows of an MLP come from. */
export interface RowSource {
  /** What the rows are made of and differentiable to; borrowed. */
  readonly inputs: readonly tf.Tensor[];
  /** What else they are made of; borrowed. */
  readonly constants: readonly tf.Tensor[];
  /** The rows [G·K, in] of such inputs and constants, group after group; a new tensor. */
  rows(parts: readonly tf.Tensor[]): tf.Tensor2D;
  /** The gradients of the inputs from that of the rows; new tensors. */
  back(slope: tf.Tensor2D): tf.Tensor[];
}

/**
 * The shared MLP on every row, then the maximum over each group of rows; its gradient goes to the first of equal maxima.
 *
 * To the gradient tape this is one operation that keeps nothing but its inputs: rows and what the layers make of them are
 * hundreds of megabytes for a batch of patches, so the backward pass computes them again.
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
  const operation = tf.customGrad((...given) => {
    const inputs = given.slice(0, count) as tf.Tensor[];
    const save = given.at(-1) as (tensors: tf.Tensor[]) => void;
    const parts = [...inputs, ...source.constants];
    save(parts);
    return {
      value: tf.tidy(() => forward(source.rows(parts), groupSize, layers, training)),
      gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) =>
        tf.tidy(() => {
          const rows = source.rows(saved);
          const [slope, ...ofParameters] = backward(
            gradient as tf.Tensor2D,
            rows,
            groupSize,
            layers,
            training,
          );
          rows.dispose();
          return [...source.back(slope as tf.Tensor2D), ...ofParameters];
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

const EPSILON = 1e-5;

/** In the order of the gradients that {@link backward} gives. */
function parametersOf({ linear, norm }: MlpLayer): tf.Tensor[] {
  return [linear.weight, ...(linear.bias ? [linear.bias] : []), ...(norm ? [norm.weight, norm.bias] : [])];
}

function forward(
  x: tf.Tensor2D,
  groupSize: number,
  layers: readonly MlpLayer[],
  training: boolean,
): tf.Tensor2D {
  return tf.tidy(() => {
    let current = x;
    for (const layer of layers) {
      const { hat, spread, mean, variance } = standardise(current, layer, training);
      if (layer.norm && training) moveStatistics(layer.norm, mean, variance, x.shape[0]);
      const next = activate(hat, layer);
      tf.dispose([hat, spread, ...(training ? [mean, variance] : [])]);
      if (current !== x) current.dispose();
      current = next;
    }
    if (groupSize === 1) return current === x ? tf.clone(x) : current;
    return tf.max(tf.reshape(current, [-1, groupSize, current.shape[1]]), 1) as tf.Tensor2D;
  });
}

/** Gradients to the rows and, in training, to the parameters of all layers. */
function backward(
  gradient: tf.Tensor2D,
  x: tf.Tensor2D,
  groupSize: number,
  layers: readonly MlpLayer[],
  training: boolean,
): tf.Tensor[] {
  return tf.tidy(() => {
    const traces: Trace[] = [];
    let output = x;
    for (const layer of layers) {
      const trace = standardise(output, layer, training);
      if (output !== x) output.dispose();
      traces.push(trace);
      output = activate(trace.hat, layer);
    }
    let slope = groupSize === 1 ? tf.clone(gradient) : toMaxima(gradient, output, groupSize);
    if (output !== x) output.dispose();

    const gradients: tf.Tensor[][] = [];
    for (let i = layers.length - 1; i >= 0; i--) {
      const input = i === 0 ? x : activate(traces[i - 1].hat, layers[i - 1]);
      const { before, ofParameters } = throughLayer(slope, input, traces[i], layers[i], training);
      gradients.unshift(ofParameters);
      tf.dispose([slope, traces[i].hat, ...(i === 0 ? [] : [input])]);
      slope = before;
    }
    return [slope, ...gradients.flat()];
  });
}

/** What the backward pass needs of a layer. */
interface Trace {
  /** [N, D], the layer's product, by batch norm brought to mean 0 and variance 1. */
  readonly hat: tf.Tensor2D;
  /** [D], 1 / √(variance + ε); 1 without batch norm. */
  readonly spread: tf.Tensor;
  /** [D], of the batch in training, else the running ones; absent in effect without batch norm. */
  readonly mean: tf.Tensor1D;
  readonly variance: tf.Tensor1D;
}

function standardise(input: tf.Tensor2D, { linear, norm }: MlpLayer, training: boolean): Trace {
  const { weight, bias } = linear;
  const product = tf.matMul<tf.Tensor2D>(input, weight);
  const sum = bias ? through(product, (x) => tf.add(x, bias)) : product;
  if (!norm) {
    const [none, one] = [tf.zeros([1]) as tf.Tensor1D, tf.ones([1]) as tf.Tensor1D];
    return { hat: sum, spread: tf.clone(one), mean: none, variance: one };
  }
  const mean: tf.Tensor1D = training ? tf.mean<tf.Tensor1D>(sum, 0) : norm.runningMean;
  const centred = through(sum, (x) => tf.sub(x, mean));
  const variance: tf.Tensor1D = training
    ? tf.tidy(() => tf.mean<tf.Tensor1D>(tf.square(centred), 0))
    : norm.runningVariance;
  const spread = tf.tidy(() => tf.rsqrt(tf.add(variance, EPSILON)));
  return { hat: through(centred, (x) => tf.mul(x, spread)), spread, mean, variance };
}

/** Scale, shift, ReLU; a new tensor. */
function activate(hat: tf.Tensor2D, { norm }: MlpLayer): tf.Tensor2D {
  if (!norm) return tf.relu(hat);
  return through(tf.mul<tf.Tensor2D>(hat, norm.weight), (x) => tf.add(x, norm.bias), tf.relu);
}

/** From the gradient after a layer to the one before it, with those of its parameters. */
function throughLayer(
  slope: tf.Tensor2D,
  input: tf.Tensor2D,
  { hat, spread }: Trace,
  layer: MlpLayer,
  training: boolean,
): { before: tf.Tensor2D; ofParameters: tf.Tensor[] } {
  const { linear, norm } = layer;
  const activated = through(
    activate(hat, layer),
    (x) => tf.step(x),
    (x) => tf.mul(x, slope),
  );
  const [ofNorm, ofSum] = norm ? throughNorm(activated, hat, spread, norm, training) : [[], activated];
  const before = tf.matMul<tf.Tensor2D>(ofSum, linear.weight, false, true);
  const ofParameters = training
    ? [
        tf.matMul<tf.Tensor2D>(input, ofSum, true, false),
        ...(linear.bias ? [tf.sum(ofSum, 0)] : []),
        ...ofNorm,
      ]
    : [];
  ofSum.dispose();
  return { before, ofParameters };
}

/** The gradients of scale and shift, and the one before batch norm; `slope` is freed. */
function throughNorm(
  slope: tf.Tensor2D,
  hat: tf.Tensor2D,
  spread: tf.Tensor,
  { weight }: BatchNorm,
  training: boolean,
): [tf.Tensor[], tf.Tensor2D] {
  const factor = tf.tidy(() => tf.mul(weight, spread));
  if (!training) return [[], through(slope, (x) => tf.mul(x, factor))];
  const ofWeight = tf.tidy(() => tf.sum(tf.mul(slope, hat), 0));
  const ofBias = tf.sum(slope, 0);
  const count = slope.shape[0];
  const along = tf.tidy(() => tf.mul(hat, tf.div(ofWeight, count)));
  const before = through(
    slope,
    (x) => tf.sub(x, along),
    (x) => tf.sub(x, tf.div(ofBias, count)),
    (x) => tf.mul(x, factor),
  );
  along.dispose();
  return [[ofWeight, ofBias], before];
}

/** The gradient of a maximum: to the first row of each group that has it. @returns [G·K, C]. */
function toMaxima(gradient: tf.Tensor2D, rows: tf.Tensor2D, groupSize: number): tf.Tensor2D {
  return tf.tidy(() => {
    const first = tf.argMax(tf.reshape(rows, [-1, groupSize, rows.shape[1]]), 1);
    const places = tf.reshape(tf.range(0, groupSize), [1, groupSize, 1]);
    // 1 − |difference| where that is above 0: on wasm eight times as fast as tf.equal, which is slow to broadcast.
    const placed = through(
      tf.sub(places, tf.expandDims(tf.cast(first, 'float32'), 1)),
      tf.abs,
      (x) => tf.sub(1, x),
      tf.relu,
      (x) => tf.mul(x, tf.expandDims(gradient, 1)),
    );
    return tf.reshape(placed, rows.shape);
  });
}

/** One step after another, freeing what lies between and `x` itself. Every step keeps the shape. */
function through<T extends tf.Tensor>(x: T, ...steps: ((x: T) => tf.Tensor)[]): T {
  return steps.reduce((current, step) => {
    const next = step(current) as T;
    current.dispose();
    return next;
  }, x);
}
