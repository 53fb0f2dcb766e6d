import { AnomclipError, ArgumentError } from '../errors.js';

export interface TokenizeOptions {
  /** Whether texts that are too long are cut, and closed with the end token, as CLIP does. @defaultValue false */
  truncate?: boolean;
  /** Most tokens of a text, start and end included. @defaultValue the tokenizer's */
  contextLength?: number;
}

/** Turns texts into the token ids of one model. */
export interface Tokenizer {
  /** Tokens, start and end included, that the model has positions for. */
  readonly contextLength: number;
  /** Ids are below this. */
  readonly vocabularySize: number;
  readonly startId: number;
  /** The largest id: the text tower finds the end by it. */
  readonly endId: number;
  /** Ids of a text without start and end, of any number. */
  split(text: string): number[];
  /**
   * Ids of texts as `TextTower.encode` takes them: start, the text, end; not padded.
   *
   * @throws {@link TextTooLongError} when a text has more tokens than `contextLength`, unless `truncate` is set.
   */
  encode(texts: readonly string[], options?: TokenizeOptions): number[][];
}

/** A text has more tokens than the model has positions for. */
export class TextTooLongError extends AnomclipError {
  override readonly name = 'TextTooLongError';
  constructor(
    readonly text: string,
    /** Start and end included. */
    readonly tokenCount: number,
    readonly contextLength: number,
  ) {
    const shown = text.length > 60 ? `${text.slice(0, 57)}…` : text;
    super(
      `tokenize: ${JSON.stringify(shown)} has ${tokenCount} tokens, the model takes ${contextLength}; shorten it, or pass { truncate: true }`,
    );
  }
}

/** A tokenizer from the way it splits a text; start, end and the limit are the same for all. */
export function tokenizerOf(
  parts: Pick<Tokenizer, 'contextLength' | 'vocabularySize' | 'startId' | 'endId' | 'split'>,
): Tokenizer {
  return {
    ...parts,
    encode(texts, options = {}) {
      const { truncate = false, contextLength = parts.contextLength } = options;
      if (!Number.isInteger(contextLength) || contextLength < 2) {
        throw new ArgumentError('tokenize', 'a contextLength from 2', contextLength);
      }
      return texts.map((text) => {
        const ids = parts.split(text);
        if (ids.length + 2 > contextLength) {
          if (!truncate) throw new TextTooLongError(text, ids.length + 2, contextLength);
          ids.length = contextLength - 2;
        }
        return [parts.startId, ...ids, parts.endId];
      });
    },
  };
}
