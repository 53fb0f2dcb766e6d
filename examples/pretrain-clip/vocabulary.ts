import { type Tokenizer, wordTokenizer } from '@anomclip/core/clip';
import { grammarWords } from './captions.js';
import { trainingCategories } from './drawing/categories.js';
import { colourNames, materialNames } from './drawing/materials.js';

/** Tokens of a caption, start and end included, that the text tower has positions for. */
export const CONTEXT_LENGTH = 32;

/** The `vocabulary.json` of the model. */
export interface VocabularyFile {
  readonly rule: string;
  readonly start: number;
  readonly end: number;
  readonly padding: number;
  readonly context_length: number;
  readonly vocabulary: Readonly<Record<string, number>>;
}

/** Padding, every sign within and at the end of a spelled word, and every word of the captions. */
export function createVocabulary(): VocabularyFile {
  const signs = [...'abcdefghijklmnopqrstuvwxyz-0123456789'].flatMap((sign) => [sign, `${sign}</w>`]);
  const words = [...grammarWords, ...trainingCategories, ...colourNames, ...materialNames].flatMap((text) =>
    text.split(' '),
  );
  const tokens = ['<p>', ...signs, ...[...new Set(words)].filter((word) => !signs.includes(word)).sort()];
  return {
    rule: 'lower-case, split on white space; a word in the vocabulary is one token; any other is spelt: its characters, the last one with </w>; start token first, end token last, padding 0',
    start: tokens.length,
    end: tokens.length + 1,
    padding: 0,
    context_length: CONTEXT_LENGTH,
    vocabulary: Object.fromEntries(tokens.map((token, id) => [token, id])),
  };
}

export function tokenizerOf({ start, end, context_length, vocabulary }: VocabularyFile): Tokenizer {
  return wordTokenizer({
    start,
    end,
    contextLength: context_length,
    ids: new Map(Object.entries(vocabulary)),
  });
}

/** Ids of a text in which the words of `spelled` are spelled letter by letter, as words that the model does not know are. */
export function encodeSpelling(
  text: string,
  spelled: ReadonlySet<string>,
  { start, end, vocabulary }: VocabularyFile,
  tokenizer: Tokenizer,
): number[] {
  const ids = text.split(' ').flatMap((word) => {
    if (!spelled.has(word)) return tokenizer.split(word);
    return [...word].map((sign, i) => vocabulary[i + 1 < word.length ? sign : `${sign}</w>`]);
  });
  return [start, ...ids, end];
}
