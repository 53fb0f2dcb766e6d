import * as tf from '@tensorflow/tfjs';
import { ArgumentError } from '../errors.js';
import type { TensorToWrite } from '../weights/write-safetensors.js';
import { loadVariables, saveTensors } from './model-state.js';
import type { Optimiser } from './optimiser.js';
import { checkGroups, type ParameterGroup } from './parameter-group.js';

/** Parameters that Adam moves in the same way. */
export interface AdamGroup extends ParameterGroup {
  /** How slowly the means of gradients and of squared gradients change, in [0, 1). @defaultValue `[0.9, 0.999]` */
  readonly betas?: readonly [number, number];
  /** Added to the root of the squared gradients' mean. @defaultValue 1e-8 */
  readonly epsilon?: number;
}

/**
 * Adam (Kingma and Ba 2015, arXiv:1412.6980) with PyTorch's defaults: bias correction, no amsgrad; weight decay is added to
 * the gradient.
 *
 * @throws {@link ArgumentError} when there is no parameter, one is in two groups, or a number is out of range.
 */
export function adam(groups: readonly AdamGroup[]): Optimiser {
  return new Adam('adam', groups, 0);
}

/**
 * AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101) with PyTorch's defaults: as {@link adam}, but weight decay shrinks the
 * parameters themselves, by learning rate × decay.
 */
export function adamW(groups: readonly AdamGroup[]): Optimiser {
  return new Adam('adamW', groups, 0.01);
}

interface Slot extends Required<Omit<AdamGroup, 'parameters'>> {
  readonly parameter: tf.Variable;
  /** Running mean of the gradient, and of its square. */
  readonly mean: tf.Variable;
  readonly square: tf.Variable;
  /** How often this parameter has had a gradient. */
  steps: number;
}

class Adam implements Optimiser {
  readonly parameters: ReadonlyMap<string, tf.Variable>;
  readonly #slots = new Map<string, Slot>();

  constructor(
    private readonly kind: 'adam' | 'adamW',
    groups: readonly AdamGroup[],
    defaultDecay: number,
  ) {
    checkGroups(kind, groups, ['learningRate', 'epsilon', 'weightDecay']);
    checkBetas(kind, groups);
    for (const group of groups) {
      const { learningRate = 1e-3, betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = defaultDecay } = group;
      for (const [name, parameter] of group.parameters) {
        const zeros = () => tf.tidy(() => tf.variable(tf.zerosLike(parameter)));
        const moments = { mean: zeros(), square: zeros(), steps: 0 };
        this.#slots.set(name, { parameter, learningRate, betas, epsilon, weightDecay, ...moments });
      }
    }
    this.parameters = new Map([...this.#slots].map(([name, { parameter }]) => [name, parameter]));
  }

  step(gradients: ReadonlyMap<string, tf.Tensor>, learningRateFactor: number): void {
    for (const [name, slot] of this.#slots) {
      const gradient = gradients.get(name);
      if (gradient) this.move(slot, gradient, slot.learningRate * learningRateFactor);
    }
  }

  get shapes(): ReadonlyMap<string, readonly number[]> {
    const shapes = new Map<string, readonly number[]>(
      this.moments().map(([name, { shape }]) => [name, shape]),
    );
    for (const name of this.#slots.keys()) shapes.set(`${name}/steps`, []);
    return shapes;
  }

  async save(): Promise<Map<string, TensorToWrite>> {
    // The counts first: they must belong to the moments read.
    const counts = [...this.#slots].map(([name, { steps }]) => [`${name}/steps`, steps] as const);
    const saved = await saveTensors(this.moments());
    // In float32, counts are exact up to 16 777 216.
    for (const [name, steps] of counts) saved.set(name, { shape: [], data: Float32Array.of(steps) });
    return saved;
  }

  load(values: ReadonlyMap<string, Float32Array>): void {
    loadVariables(this.moments(), values);
    for (const [name, slot] of this.#slots) slot.steps = values.get(`${name}/steps`)?.[0] ?? 0;
  }

  dispose(): void {
    tf.dispose(this.moments().map(([, variable]) => variable));
    this.#slots.clear();
  }

  /** In the order and precision of PyTorch's single-tensor implementation. */
  private move(slot: Slot, gradient: tf.Tensor, learningRate: number): void {
    const { parameter, mean, square, betas, epsilon, weightDecay } = slot;
    const [beta1, beta2] = betas;
    slot.steps++;
    const stepSize = learningRate / (1 - beta1 ** slot.steps);
    const correction = Math.sqrt(1 - beta2 ** slot.steps);
    tf.tidy(() => {
      const isDecoupled = this.kind === 'adamW';
      const decays = weightDecay !== 0;
      const from = decays && isDecoupled ? tf.mul(parameter, 1 - learningRate * weightDecay) : parameter;
      const slope = decays && !isDecoupled ? tf.add(gradient, tf.mul(parameter, weightDecay)) : gradient;
      mean.assign(tf.add(tf.mul(mean, beta1), tf.mul(slope, 1 - beta1)));
      square.assign(tf.add(tf.mul(square, beta2), tf.mul(tf.square(slope), 1 - beta2)));
      const root = tf.add(tf.div(tf.sqrt(square), correction), epsilon);
      parameter.assign(tf.sub(from, tf.div(tf.mul(mean, stepSize), root)));
    });
  }

  private moments(): [string, tf.Variable][] {
    return [...this.#slots].flatMap(([name, { mean, square }]): [string, tf.Variable][] => [
      [`${name}/mean`, mean],
      [`${name}/square`, square],
    ]);
  }
}

function checkBetas(where: string, groups: readonly AdamGroup[]): void {
  for (const beta of groups.flatMap(({ betas = [] }) => [...betas])) {
    if (!(beta >= 0 && beta < 1)) throw new ArgumentError(where, 'betas in [0, 1)', beta);
  }
}
