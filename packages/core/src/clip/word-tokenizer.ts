import { FormatError } from '../errors.js';
import { cleanText } from './clean-text.js';
import { type Tokenizer, tokenizerOf } from './tokenizer.js';

/** What makes a word-level tokenizer: the `vocabulary.json` of a small model. */
export interface WordVocabulary {
  readonly start: number;
  readonly end: number;
  readonly contextLength: number;
  readonly ids: ReadonlyMap<string, number>;
}

/**
 * A tokenizer that knows whole words, and spells others: their characters, the last one with `</w>`. Signs that the
 * vocabulary has no token for (`.`, `_`) separate words as white space does; letters it has none for are left out.
 *
 * @throws {@link FormatError} when an id is no id, or the end token's is not the largest.
 */
export function wordTokenizer({ start, end, contextLength, ids }: WordVocabulary): Tokenizer {
  for (const [token, id] of [...ids, ['start', start], ['end', end]] as const) {
    if (!Number.isInteger(id) || id < 0 || id > end) {
      throw new FormatError(
        'vocabulary',
        `${JSON.stringify(token)} has the id ${id}, outside 0…${end}, the end token's`,
      );
    }
  }
  const split = (text: string): number[] =>
    cleanText(text)
      .split(' ')
      .flatMap((word) => idsOfWord(word, ids));
  return tokenizerOf({ contextLength, vocabularySize: end + 1, startId: start, endId: end, split });
}

function idsOfWord(word: string, ids: ReadonlyMap<string, number>): number[] {
  const known = ids.get(word);
  if (known !== undefined) return [known];
  const separated = word.replace(/[^\p{L}\p{N}]/gu, (sign) => (ids.has(sign) ? sign : ' '));
  const parts = separated.split(' ').filter(Boolean);
  return parts.flatMap((part) => {
    const id = ids.get(part);
    return id === undefined ? spell(part, ids) : [id];
  });
}

function spell(word: string, ids: ReadonlyMap<string, number>): number[] {
  const characters = [...word];
  const last = `${characters.at(-1)}</w>`;
  const tokens = ids.has(last) ? [...characters.slice(0, -1), last] : characters;
  return tokens.flatMap((token) => ids.get(token) ?? []);
}
