import * as tf from '@tensorflow/tfjs';
import { columnMeans, columnSums, moveStatistics } from '../tensor/index.js';
import type { MlpLayer } from './shared-mlp.js';

/** What the backward pass needs of a layer. */
export interface Trace {
  /** [N, D], the layer's product less the mean that batch norm takes out; with the bias where there is no batch norm. */
  readonly centred: tf.Tensor2D;
  /** [D], 1 / √(variance + ε); 1 without batch norm. */
  readonly spread: tf.Tensor;
}

/**
 * The layers on every row, with the statistics of the batch, which move the running ones.
 *
 * @param keeps - Whether the traces are wanted; else they are freed on the way.
 * @returns New tensors.
 */
export function train(
  x: tf.Tensor2D,
  layers: readonly MlpLayer[],
  keeps: boolean,
): { output: tf.Tensor2D; traces: Trace[] } {
  const traces: Trace[] = [];
  let output = tf.clone(x);
  for (const layer of layers) {
    const { mean, variance, ...traced } = standardise(output, layer);
    if (layer.norm && mean && variance) {
      // The bias shifts the mean and nothing else, so the product does without it.
      const shifted = layer.linear.bias ? tf.add<tf.Tensor1D>(mean, layer.linear.bias) : mean;
      moveStatistics(layer.norm, shifted, variance, x.shape[0]);
      tf.dispose([mean, variance, shifted]);
    }
    output.dispose();
    output = activate(traced, layer);
    if (keeps) traces.push(traced);
    else tf.dispose([traced.centred, traced.spread]);
  }
  return { output, traces };
}

/** The layers on every row, with the running statistics inside of the weights. @returns A new tensor. */
export function evaluate(x: tf.Tensor2D, layers: readonly MlpLayer[]): tf.Tensor2D {
  return layers.reduce((input, layer) => {
    const next = tf.tidy(() => tf.fused.matMul({ a: input, ...folded(layer), activation: 'relu' }));
    input.dispose();
    return next as tf.Tensor2D;
  }, tf.clone(x));
}

/** A linear layer that does the work of its batch norm too. */
function folded({ linear: { weight, bias }, norm }: MlpLayer): { b: tf.Tensor; bias: tf.Tensor } {
  const own = bias ?? tf.zeros([weight.shape[1]]);
  if (!norm) return { b: weight, bias: own };
  const factor = tf.mul(norm.weight, spreadOf(norm.runningVariance));
  const shift = tf.add(norm.bias, tf.mul(tf.sub(own, norm.runningMean), factor));
  return { b: tf.mul(weight, factor), bias: shift };
}

/** What the layers made of the rows, once more; new tensors. */
export function trace(x: tf.Tensor2D, layers: readonly MlpLayer[], training: boolean): Trace[] {
  const traces: Trace[] = [];
  let output = tf.clone(x);
  for (const layer of layers) {
    const { centred, spread, mean, variance } = training
      ? standardise(output, layer)
      : settled(output, layer);
    tf.dispose([mean, variance].filter((tensor) => tensor !== undefined));
    output.dispose();
    traces.push({ centred, spread });
    output = activate({ centred, spread }, layer);
  }
  output.dispose();
  return traces;
}

export interface LayerGradientsOptions {
  readonly training: boolean;
  /** Whether the traces may be freed once they have been used. */
  readonly owned: boolean;
  /** Whether the gradient to the rows is wanted. */
  readonly needsBefore: boolean;
  /** The gradient behind the last layer from its output; a new tensor. */
  readonly slopeOf: (output: tf.Tensor2D) => tf.Tensor2D;
}

/** The gradient before the first layer and, in training, those of the parameters of all; new tensors. */
export function layerGradients(
  x: tf.Tensor2D,
  layers: readonly MlpLayer[],
  traces: readonly Trace[],
  { training, owned, needsBefore, slopeOf }: LayerGradientsOptions,
): { before?: tf.Tensor2D; ofParameters: tf.Tensor[] } {
  const outputOf = (i: number) => (i < 0 ? tf.clone(x) : activate(traces[i], layers[i]));
  const ofParameters: tf.Tensor[][] = [];
  let output = outputOf(layers.length - 1);
  let slope = slopeOf(output);
  for (let i = layers.length - 1; i >= 0; i--) {
    const activated = through(tf.step(output) as tf.Tensor2D, (x) => tf.mul(x, slope));
    tf.dispose([output, slope]);
    output = outputOf(i - 1);
    const { ofSum, factor, ofNorm } = throughNorm(activated, traces[i], layers[i], training);
    if (owned) tf.dispose([traces[i].centred]);
    const { weight, bias } = layers[i].linear;
    if (training) {
      const ofWeight = through(tf.matMul<tf.Tensor2D>(output, ofSum, true, false), (x) => tf.mul(x, factor));
      // Batch norm takes out whatever is added to all rows.
      const ofBias = layers[i].norm ? tf.zerosLike(bias ?? factor) : columnSums(ofSum);
      ofParameters.unshift([ofWeight, ...(bias ? [ofBias] : []), ...ofNorm]);
    }
    slope =
      i > 0 || needsBefore
        ? tf.tidy(() => tf.matMul<tf.Tensor2D>(ofSum, tf.mul(weight, factor), false, true))
        : tf.clone(ofSum);
    ofSum.dispose();
  }
  output.dispose();
  return { ...(needsBefore && { before: slope }), ofParameters: ofParameters.flat() };
}

const EPSILON = 1e-5;

function spreadOf(variance: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.rsqrt(tf.add(variance, EPSILON)));
}

type Standardised = Trace & { readonly mean?: tf.Tensor1D; readonly variance?: tf.Tensor1D };

/** With the statistics of the batch. */
function standardise(input: tf.Tensor2D, layer: MlpLayer): Standardised {
  const { linear, norm } = layer;
  if (!norm) return settled(input, layer);
  const product = tf.matMul<tf.Tensor2D>(input, linear.weight);
  const mean = columnMeans(product);
  const centred = through(product, (x) => tf.sub(x, mean));
  const variance = tf.tidy(() => columnMeans(tf.square(centred)));
  return { centred, spread: spreadOf(variance), mean, variance };
}

/** With the running statistics, or without batch norm. */
function settled(input: tf.Tensor2D, { linear: { weight, bias }, norm }: MlpLayer): Standardised {
  const product = tf.matMul<tf.Tensor2D>(input, weight);
  const sum = bias ? through(product, (x) => tf.add(x, bias)) : product;
  if (!norm) return { centred: sum, spread: tf.ones([1]) };
  return {
    centred: through(sum, (x) => tf.sub(x, norm.runningMean)),
    spread: spreadOf(norm.runningVariance),
  };
}

/** Scale, shift, ReLU; a new tensor. */
function activate({ centred, spread }: Trace, { norm }: MlpLayer): tf.Tensor2D {
  if (!norm) return tf.relu(centred);
  const factor = tf.mul(norm.weight, spread);
  const scaled = tf.mul<tf.Tensor2D>(centred, factor);
  factor.dispose();
  return through(scaled, (x) => tf.add(x, norm.bias), tf.relu);
}

/**
 * From the gradient behind batch norm, which is freed, to the one before it, [N, D], still to be multiplied by `factor`, [D]:
 * that is left to the products, whose weights are smaller. In training also the gradients of scale and shift.
 */
function throughNorm(
  slope: tf.Tensor2D,
  { centred, spread }: Trace,
  { norm }: MlpLayer,
  training: boolean,
): { ofSum: tf.Tensor2D; factor: tf.Tensor; ofNorm: tf.Tensor[] } {
  if (!norm) return { ofSum: slope, factor: spread, ofNorm: [] };
  const factor = tf.mul(norm.weight, spread);
  if (!training) return { ofSum: slope, factor, ofNorm: [] };
  const [ofScale, ofShift, along, mean] = batchGradients(slope, centred, spread);
  const ofSum = through(
    slope,
    (x) => tf.tidy(() => tf.sub(x, tf.mul(centred, along))),
    (x) => tf.sub(x, mean),
  );
  tf.dispose([along, mean]);
  return { ofSum, factor, ofNorm: [ofScale, ofShift] };
}

/** Gradients of scale and shift, and what of the gradient lies along the centred rows and along their mean. */
function batchGradients(slope: tf.Tensor2D, centred: tf.Tensor2D, spread: tf.Tensor): tf.Tensor[] {
  return tf.tidy(() => {
    const count = slope.shape[0];
    const ofShift = columnSums(slope);
    const ofScale = tf.mul(columnSums(tf.mul(slope, centred)), spread);
    return [ofScale, ofShift, tf.div(tf.mul(ofScale, spread), count), tf.div(ofShift, count)];
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
