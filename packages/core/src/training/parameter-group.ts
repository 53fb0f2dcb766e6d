import type * as tf from '@tensorflow/tfjs';
import { ArgumentError } from '../errors.js';

/** Parameters that are moved in the same way. */
export interface ParameterGroup {
  /** By name, e.g. `state.parameters` or a part of it. Borrowed. */
  readonly parameters: ReadonlyMap<string, tf.Variable>;
  /** @defaultValue 1e-3 */
  readonly learningRate?: number;
  /** @defaultValue 0; 0.01 for `adamW` */
  readonly weightDecay?: number;
}

/**
 * @param numbers - Settings of every group that are finite numbers from 0.
 * @throws {@link ArgumentError} when there is no parameter, one is in two groups, or a number is out of range.
 */
export function checkGroups<Group extends ParameterGroup>(
  where: string,
  groups: readonly Group[],
  numbers: readonly (keyof Group & string)[],
): void {
  const names = groups.flatMap(({ parameters }) => [...parameters.keys()]);
  if (names.length === 0) throw new ArgumentError(where, 'at least one parameter', 'none');
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new ArgumentError(where, 'every parameter in one group', twice, 'it is in two');
  for (const group of groups) {
    for (const name of numbers) {
      const value = group[name] ?? 0;
      if (!(typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY)) {
        throw new ArgumentError(where, `a finite ${name} from 0`, value);
      }
    }
  }
}
