import { AnomclipError } from '../errors.js';

/** A training step cannot be compiled, or the runtime cannot run it; the message says what is in the way and the way out. */
export class CompileError extends AnomclipError {
  override readonly name = 'CompileError';
}
