import { AnomclipError } from '../errors.js';

/** The chosen backend cannot run here, or cannot do what is asked; the message says what is missing. */
export class BackendError extends AnomclipError {
  override readonly name = 'BackendError';
}
