import { AnomclipError } from '@anomclip/core';

/**
 * A folder is not the dataset it was opened as, or a file of it cannot be used. The message names the folder or file,
 * says what was looked for and what was found, and the way out; `cause` holds the decoder's own error, if there was one.
 */
export class DatasetError extends AnomclipError {
  override readonly name = 'DatasetError';
  constructor(
    /** The folder or file that the error is about. */
    readonly path: string,
    problem: string,
    options: { hint?: string; cause?: unknown } = {},
  ) {
    const { hint, cause } = options;
    super(`${path}: ${problem}${hint ? `; ${hint}` : ''}`, cause === undefined ? undefined : { cause });
  }
}
