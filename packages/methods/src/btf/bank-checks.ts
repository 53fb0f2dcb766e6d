import { ArgumentError } from '@anomclip/core';
import { integerFrom, oneOf, positiveLength } from '../config-checks.js';
import type { BankConfig, Neighbourhood } from './config.js';

export function checkBank(where: string, config: BankConfig): void {
  if (!(config.coresetRatio > 0 && config.coresetRatio <= 1)) {
    throw new ArgumentError(where, 'coresetRatio in (0, 1]', config.coresetRatio);
  }
  if (!(config.coresetEps > 0 && config.coresetEps < 1)) {
    throw new ArgumentError(where, 'coresetEps in (0, 1)', config.coresetEps);
  }
  oneOf(where, 'projection', config.projection, ['sparse', 'none']);
  integerFrom(where, 'coresetStart', config.coresetStart, 0);
  integerFrom(where, 'reweightNeighbours', config.reweightNeighbours, 1);
  if (!Number.isFinite(config.seed))
    throw new ArgumentError(where, 'seed to be a finite number', config.seed);
}

export function checkNeighbourhoods(
  where: string,
  config: { readonly normals: Neighbourhood; readonly fpfh: Neighbourhood },
): void {
  for (const name of ['normals', 'fpfh'] as const) {
    const neighbourhood: Neighbourhood | null = config[name];
    if (typeof neighbourhood !== 'object' || neighbourhood === null) {
      throw new ArgumentError(where, `${name} to be { radius, maxNeighbours }`, neighbourhood);
    }
    positiveLength(where, `${name}.radius`, neighbourhood.radius);
    integerFrom(where, `${name}.maxNeighbours`, neighbourhood.maxNeighbours, 1);
  }
}
