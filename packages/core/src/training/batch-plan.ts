import { ArgumentError } from '../errors.js';
import type { Rng } from '../random/index.js';

export interface BatchPlanOptions {
  readonly epochs: number;
  /** Samples per step. @defaultValue 1 */
  readonly batchSize?: number;
  /** Whether the last batch of an epoch is left out when it is smaller than the others. @defaultValue false */
  readonly dropLast?: boolean;
  /**
   * The samples of an epoch in the order of their use, always equally many.
   * @defaultValue every sample once, shuffled
   */
  readonly order?: (epoch: number, rng: Rng) => Uint32Array;
}

/** Which samples make which step; known for every step without having gone through those before it. */
export interface BatchPlan {
  readonly stepCount: number;
  readonly stepsPerEpoch: number;
  /** Epoch and samples of a step. */
  at(step: number): { epoch: number; samples: Uint32Array };
}

/** @throws {@link ArgumentError} when the numbers leave nothing to do. */
export function planBatches(sampleCount: number, rng: Rng, options: BatchPlanOptions): BatchPlan {
  const { epochs, batchSize = 1, dropLast = false } = options;
  const { order = (_: number, stream: Rng) => stream.permutation(sampleCount) } = options;
  for (const [name, value] of Object.entries({ sampleCount, epochs, batchSize })) {
    if (!Number.isInteger(value) || value < 1)
      throw new ArgumentError('train', `a whole ${name} from 1`, value);
  }
  const orderOf = (epoch: number) => order(epoch, rng.fork('order', epoch));
  let current = { epoch: 0, samples: orderOf(0) };
  const perEpoch = current.samples.length;
  const stepsPerEpoch = dropLast ? Math.floor(perEpoch / batchSize) : Math.ceil(perEpoch / batchSize);
  if (stepsPerEpoch === 0)
    throw new ArgumentError('train', `at least ${batchSize} samples, a batch`, perEpoch);
  return {
    stepCount: epochs * stepsPerEpoch,
    stepsPerEpoch,
    at(step) {
      const epoch = Math.floor(step / stepsPerEpoch);
      if (epoch !== current.epoch) current = { epoch, samples: orderOf(epoch) };
      if (current.samples.length !== perEpoch) {
        throw new ArgumentError('train', `${perEpoch} samples in every epoch`, current.samples.length);
      }
      const start = (step % stepsPerEpoch) * batchSize;
      return { epoch, samples: current.samples.slice(start, start + batchSize) };
    },
  };
}
