import { AnomclipError } from '../errors.js';

/** The runtime could not make or run the model — too little memory, an operator it lacks — or the encoder is disposed. */
export class EncoderError extends AnomclipError {
  override readonly name = 'EncoderError';
}
