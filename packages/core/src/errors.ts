/** What all errors of @anomclip have in common: `catch (error) { if (error instanceof AnomclipError) … }`. */
export class AnomclipError extends Error {
  override readonly name: string = 'AnomclipError';
}

/** An array has the wrong shape. The message says where, what was wanted, what came, and the way out. */
export class ShapeError extends AnomclipError {
  override readonly name = 'ShapeError';
  constructor(
    where: string,
    expected: string,
    readonly actual: readonly number[],
    hint?: string,
  ) {
    super(`${where}: expected ${expected}, got [${actual.join(', ')}]${hint ? `; ${hint}` : ''}`);
  }
}

/** An argument has a value that cannot work. The message says where, what was wanted, what came, and the way out. */
export class ArgumentError extends AnomclipError {
  override readonly name = 'ArgumentError';
  constructor(
    where: string,
    expected: string,
    readonly actual: unknown,
    hint?: string,
  ) {
    super(`${where}: expected ${expected}, got ${describe(actual)}${hint ? `; ${hint}` : ''}`);
  }
}

/** A file is malformed, truncated, hostile, or of a kind that is not supported. */
export class FormatError extends AnomclipError {
  override readonly name = 'FormatError';
  constructor(
    /** The format that was expected, e.g. `PLY`. */
    readonly format: string,
    problem: string,
    hint?: string,
  ) {
    super(`${format}: ${problem}${hint ? `; ${hint}` : ''}`);
  }
}

/** A download did not succeed: the server refused, was not reached, or sent something else than it promised. */
export class DownloadError extends AnomclipError {
  override readonly name = 'DownloadError';
  constructor(
    where: string,
    problem: string,
    hint?: string,
    /** The status of the server's answer, where there was one. */
    readonly status?: number,
  ) {
    super(`${where}: ${problem}${hint ? `; ${hint}` : ''}`);
  }
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (ArrayBuffer.isView(value) || Array.isArray(value)) {
    return `${value.constructor.name} of ${(value as { length?: number }).length ?? value.constructor.name}`;
  }
  return value.constructor?.name ?? 'object';
}
