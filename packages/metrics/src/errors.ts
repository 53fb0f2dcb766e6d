/**
 * An argument of a metric is wrong: the message says where, what was wanted, what came, and the way out.
 * It is the only error this package throws; a metric that is merely undefined is NaN (see the README).
 */
export class MetricsInputError extends Error {
  override readonly name = 'MetricsInputError';
  constructor(
    where: string,
    expected: string,
    readonly actual: unknown,
    hint?: string,
  ) {
    super(`${where}: expected ${expected}, got ${describe(actual)}${hint ? `; ${hint}` : ''}`);
  }
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.join(', ')}]`;
  return value.constructor?.name ?? 'object';
}
