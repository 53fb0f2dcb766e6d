import { Tokenizer as BytePairs } from '@huggingface/tokenizers';
import { FormatError } from '../errors.js';
import { cleanText, whiteSpaceCharacters } from './clean-text.js';
import { type Tokenizer, tokenizerOf } from './tokenizer.js';

/** What makes a byte-pair tokenizer: tokens with their ids, and the pairs that are merged, most frequent first. */
export interface BytePairVocabulary {
  readonly ids: ReadonlyMap<string, number>;
  readonly merges: readonly (readonly [string, string])[];
}

export interface BytePairOptions {
  /** @defaultValue 77, CLIP's */
  contextLength?: number;
}

/**
 * CLIP's tokenizer: {@link cleanText}, then byte pairs merged inside words.
 *
 * @throws {@link FormatError} when the vocabulary lacks a byte, a merged pair, or the tokens for start and end.
 */
export function bytePairTokenizer(vocabulary: BytePairVocabulary, options: BytePairOptions = {}): Tokenizer {
  const { contextLength = 77 } = options;
  const { startId, endId } = check(vocabulary);
  const bytePairs = new BytePairs(
    {
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
      post_processor: null,
      decoder: null,
      model: {
        type: 'BPE',
        vocab: Object.fromEntries(vocabulary.ids),
        merges: vocabulary.merges,
        end_of_word_suffix: endOfWord,
      },
    },
    {},
  );
  const idsOfWord = (word: string): number[] => {
    if (word === startToken) return [startId];
    return word === endToken ? [endId] : bytePairs.encode(word, { add_special_tokens: false }).ids;
  };
  return tokenizerOf({
    contextLength,
    vocabularySize: endId + 1,
    startId,
    endId,
    split: (text) => (cleanText(text).match(words) ?? []).flatMap(idsOfWord),
  });
}

/**
 * The vocabulary that follows from a merges file (OpenAI's `bpe_simple_vocab_16e6.txt`): 256 bytes, the same at the end of
 * a word, the merged pairs, start and end.
 *
 * @param text - A header line, then a pair a line. OpenAI's file has more lines than CLIP uses; the first count.
 * @param vocabularySize - Of the model. @defaultValue 49408
 * @throws {@link FormatError} when a line is no pair, or there are too few for the vocabulary.
 */
export function vocabularyOfMerges(text: string, vocabularySize = 49408): BytePairVocabulary {
  const symbols = byteSymbols();
  const count = vocabularySize - 2 * symbols.length - 2;
  const merges = parseMerges(text, count);
  if (merges.length !== count) {
    throw problem(
      `${merges.length} merges, a vocabulary of ${vocabularySize} has ${count}`,
      'is this the file of this model?',
    );
  }
  const tokens = [
    ...symbols,
    ...symbols.map((symbol) => symbol + endOfWord),
    ...merges.map(([left, right]) => left + right),
    startToken,
    endToken,
  ];
  return { ids: new Map(tokens.map((token, id) => [token, id])), merges };
}

/** Pairs of a merges file, at most `limit`. */
export function parseMerges(text: string, limit = 1_000_000): [string, string][] {
  const merges: [string, string][] = [];
  const lines = text.split('\n');
  for (let i = lines[0].includes('#version') ? 1 : 0; i < lines.length && merges.length < limit; i++) {
    const line = lines[i].trim();
    if (line === '') continue;
    const [left, right, more] = line.split(/\s+/);
    if (right === undefined || more !== undefined) {
      throw problem(`line ${i + 1} of the merges is ${JSON.stringify(line.slice(0, 40))}, not a pair`);
    }
    merges.push([left, right]);
  }
  return merges;
}

const startToken = '<|startoftext|>';
const endToken = '<|endoftext|>';
const endOfWord = '</w>';

/** Start, end, contractions, runs of letters, single digits, runs of other signs. \u017f is an s to CLIP's pattern. */
const words = new RegExp(
  `<\\|(?:start|end)oftext\\|>|'[s\u017f]|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|[^${whiteSpaceCharacters}\\p{L}\\p{N}]+`,
  'gu',
);

function check({ ids, merges }: BytePairVocabulary): { startId: number; endId: number } {
  let largest = -1;
  for (const [token, id] of ids) {
    if (!Number.isInteger(id) || id < 0 || id >= 2 ** 24) {
      throw problem(`token ${JSON.stringify(token)} has the id ${id}`, 'ids are whole numbers from 0');
    }
    largest = Math.max(largest, id);
  }
  for (const symbol of byteSymbols()) {
    if (!ids.has(symbol) || !ids.has(symbol + endOfWord)) {
      throw problem(
        `there is no token for the byte ${JSON.stringify(symbol)}`,
        'is this a tokenizer of CLIP?',
      );
    }
  }
  for (const [left, right] of merges) {
    if (!ids.has(left + right)) throw problem(`the merged pair ${JSON.stringify(left + right)} has no id`);
  }
  const [startId, endId] = [ids.get(startToken), ids.get(endToken)];
  if (startId === undefined || endId === undefined) {
    throw problem(`${startToken} or ${endToken} is missing`, 'is this a tokenizer of CLIP?');
  }
  if (endId !== largest) throw problem(`${endToken} has the id ${endId}, which is not the largest`);
  return { startId, endId };
}

/** The 256 bytes as printable characters, printable bytes first: the order of CLIP's ids. */
function byteSymbols(): string[] {
  const isPrintable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const others = bytes.filter((byte) => !isPrintable(byte)).map((_, i) => String.fromCharCode(256 + i));
  return [...bytes.filter(isPrintable).map((byte) => String.fromCharCode(byte)), ...others];
}

function problem(what: string, hint?: string): FormatError {
  return new FormatError('CLIP tokenizer', what, hint);
}
