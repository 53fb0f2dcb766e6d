import { ArgumentError } from '@anomclip/core';
import type { BankConfig, Neighbourhood } from './config.js';

/** `given` over `defaults`; an explicit `undefined` means the default too. */
export function merge<T extends object>(where: string, defaults: T, given: Partial<T>): T {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const [name] of entries) {
    if (!Object.hasOwn(defaults, name)) {
      throw new ArgumentError(where, `one of ${Object.keys(defaults).join(', ')}`, name);
    }
  }
  return { ...defaults, ...Object.fromEntries(entries) };
}

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

export function oneOf(where: string, name: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return;
  const quoted = allowed.map((each) => `'${each}'`).join(' or ');
  throw new ArgumentError(where, `${name} to be ${quoted}`, value);
}

export function integerFrom(where: string, name: string, value: number, low: number): void {
  if (Number.isInteger(value) && value >= low) return;
  throw new ArgumentError(where, `${name} to be an integer of at least ${low}`, value);
}

export function positiveLength(where: string, name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new ArgumentError(where, `${name} to be a finite length above 0`, value);
}
