import { FormatError } from '../errors.js';
import type { FileSource } from '../weights/byte-source.js';
import { bytePairTokenizer, parseMerges, vocabularyOfMerges } from './byte-pair-tokenizer.js';
import type { TextConfig } from './config.js';
import { readText } from './read-text.js';
import type { Tokenizer } from './tokenizer.js';
import { wordTokenizer } from './word-tokenizer.js';

/**
 * The tokenizer that lies in a model's folder, from the first of these that is there: `vocabulary.json` (word-level),
 * `tokenizer.json`, `vocab.json` with `merges.txt`, `bpe_simple_vocab_16e6.txt`, the same with `.gz`.
 *
 * @param config - Of the text tower the ids are for. @defaultValue CLIP's 77 positions and 49408 tokens
 * @throws {@link FormatError} when there is none, it is malformed, or it has ids that the text tower lacks.
 */
export async function readTokenizer(
  files: FileSource,
  config: Pick<TextConfig, 'contextLength' | 'vocabularySize'> = { contextLength: 77, vocabularySize: 49408 },
): Promise<Tokenizer> {
  const tokenizer = await openAny(files, config);
  if (tokenizer.vocabularySize > config.vocabularySize) {
    throw problem(
      `it has ${tokenizer.vocabularySize} ids, the text tower ${config.vocabularySize} embeddings`,
      "use this model's tokenizer",
    );
  }
  return tokenizer;
}

async function openAny(
  files: FileSource,
  { contextLength, vocabularySize }: Pick<TextConfig, 'contextLength' | 'vocabularySize'>,
): Promise<Tokenizer> {
  const has = (name: string) => files.names.includes(name);
  if (has('vocabulary.json'))
    return fromWords(parse(await readText(files, 'vocabulary.json')), contextLength);
  if (has('tokenizer.json'))
    return fromTokenizer(parse(await readText(files, 'tokenizer.json')), contextLength);
  if (has('vocab.json') && has('merges.txt')) {
    const ids = idsOf(parse(await readText(files, 'vocab.json')));
    return bytePairTokenizer(
      { ids, merges: parseMerges(await readText(files, 'merges.txt')) },
      { contextLength },
    );
  }
  for (const name of ['bpe_simple_vocab_16e6.txt', 'bpe_simple_vocab_16e6.txt.gz']) {
    if (has(name)) {
      return bytePairTokenizer(vocabularyOfMerges(await readText(files, name), vocabularySize), {
        contextLength,
      });
    }
  }
  throw problem(
    'there is no tokenizer among the files',
    'add the tokenizer.json or bpe_simple_vocab_16e6.txt.gz of CLIP to the folder',
  );
}

type Json = Readonly<Record<string, unknown>>;

function fromWords(json: Json, contextLength: number): Tokenizer {
  const { start, end, context_length: own = contextLength, vocabulary } = json;
  if (typeof start !== 'number' || typeof end !== 'number' || typeof own !== 'number' || own < 2) {
    throw problem('vocabulary.json lacks the numbers start, end or context_length');
  }
  return wordTokenizer({ start, end, contextLength: Math.min(own, contextLength), ids: idsOf(vocabulary) });
}

/**
 * Only the tokens and the merges are taken from `tokenizer.json`: how text is cleaned and split is CLIP's, and patterns of
 * a file that is not trusted are never run.
 */
function fromTokenizer({ model, added_tokens: added }: Json, contextLength: number): Tokenizer {
  const { end_of_word_suffix: suffix, vocab, merges } = isObject(model) ? model : ({} as Json);
  if (suffix !== '</w>' || !Array.isArray(merges)) {
    throw problem('tokenizer.json holds no byte pairs with </w>', 'only tokenizers of CLIP are supported');
  }
  const ids = idsOf(vocab);
  for (const token of Array.isArray(added) ? added : []) {
    if (isObject(token) && typeof token.content === 'string' && typeof token.id === 'number') {
      ids.set(token.content, token.id);
    }
  }
  const pairs = merges.map((entry: unknown): [string, string] => {
    const [left, right, more] =
      typeof entry === 'string' ? entry.split(' ') : Array.isArray(entry) ? entry : [];
    if (typeof left === 'string' && typeof right === 'string' && more === undefined) return [left, right];
    throw problem(`a merge is ${JSON.stringify(entry)}, not a pair`);
  });
  return bytePairTokenizer({ ids, merges: pairs }, { contextLength });
}

function idsOf(vocabulary: unknown): Map<string, number> {
  if (!isObject(vocabulary)) throw problem('it has no vocabulary, an object of tokens and ids');
  return new Map(
    Object.entries(vocabulary).map(([token, id]) => {
      if (typeof id === 'number') return [token, id];
      throw problem(`token ${JSON.stringify(token)} has the id ${JSON.stringify(id)}`);
    }),
  );
}

function parse(text: string): Json {
  try {
    const json: unknown = JSON.parse(text);
    if (isObject(json)) return json;
  } catch (cause) {
    throw problem(`it is not JSON (${(cause as Error).message})`);
  }
  throw problem('it is not a JSON object');
}

function isObject(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function problem(what: string, hint?: string): FormatError {
  return new FormatError('CLIP tokenizer', what, hint);
}
