import { ArgumentError } from '@anomclip/core';

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
