import { ArgumentError } from '../errors.js';
import { cosSinOfTurns } from '../random/elementary.js';

/** What every group's learning rate is multiplied by in a step; steps are counted from 0. */
export type LearningRateSchedule = (step: number) => number;

export interface CosineScheduleOptions {
  /** Steps of linear rise before the decay: step i has the factor (i + 1) / warmUpSteps. @defaultValue 0 */
  warmUpSteps?: number;
  /** The factor at the end, in [0, 1]. @defaultValue 0 */
  floor?: number;
}

/** The same learning rate in every step. */
export function constantSchedule(): LearningRateSchedule {
  return () => 1;
}

/**
 * A linear rise, then half a cosine from 1 down to the floor (Loshchilov and Hutter 2017, arXiv:1608.03983, without
 * restarts): floor + (1 − floor) (1 + cos π t) / 2, t = 0 in the first step after the rise and 1 at `steps`.
 *
 * @param steps - Length of the whole schedule; later steps stay at the floor.
 * @throws {@link ArgumentError} for numbers that make no schedule.
 */
export function cosineSchedule(steps: number, options: CosineScheduleOptions = {}): LearningRateSchedule {
  const { warmUpSteps = 0, floor = 0 } = options;
  if (!(Number.isInteger(steps) && steps >= 1)) {
    throw new ArgumentError('cosineSchedule', 'a whole number of steps from 1', steps);
  }
  if (!(Number.isInteger(warmUpSteps) && warmUpSteps >= 0 && warmUpSteps < steps)) {
    throw new ArgumentError('cosineSchedule', `warmUpSteps from 0 to below ${steps}`, warmUpSteps);
  }
  if (!(floor >= 0 && floor <= 1)) throw new ArgumentError('cosineSchedule', 'a floor in [0, 1]', floor);
  return (step) => {
    if (step < warmUpSteps) return (step + 1) / warmUpSteps;
    if (step >= steps) return floor;
    const [cosine] = cosSinOfTurns((step - warmUpSteps) / (steps - warmUpSteps) / 2);
    return floor + ((1 - floor) * (1 + cosine)) / 2;
  };
}
