import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ArgumentError, FormatError } from '../errors.js';
import { clipMerges } from '../testing/clip-merges.fixture.js';
import { byteSource, type FileSource } from '../weights/index.js';
import { vocabularyOfMerges } from './byte-pair-tokenizer.js';
import { readTokenizer } from './read-tokenizer.js';

const text = 'A “good” photo of the pipe_fryum, 100% naïve.';
const merges = clipMerges();
const vocabulary = vocabularyOfMerges(merges);
const words = { start: 3, end: 4, context_length: 9, vocabulary: { a: 0, 'a</w>': 1, part: 2 } };

test('every form of the vocabulary in a folder gives the same ids', async () => {
  const ids = Object.fromEntries(vocabulary.ids);
  const pairs = vocabulary.merges.map((pair) => pair.join(' '));
  const { '<|endoftext|>': end, ...others } = ids;
  const folders: Record<string, string | Uint8Array>[] = [
    { 'bpe_simple_vocab_16e6.txt': merges },
    { 'bpe_simple_vocab_16e6.txt.gz': gzipSync(merges) },
    { 'vocab.json': JSON.stringify(ids), 'merges.txt': ['#version: 0.2', ...pairs, ''].join('\n') },
    {
      'tokenizer.json': JSON.stringify({
        added_tokens: [{ id: end, content: '<|endoftext|>' }],
        model: { type: 'BPE', end_of_word_suffix: '</w>', vocab: others, merges: pairs },
      }),
    },
    {
      'tokenizer.json': JSON.stringify({
        model: { type: 'BPE', end_of_word_suffix: '</w>', vocab: ids, merges: vocabulary.merges },
      }),
    },
  ];
  const all = await Promise.all(
    folders.map(async (folder) => (await readTokenizer(filesOf(folder))).split(text)),
  );
  for (const other of all) expect(other).toEqual(all[0]);
  expect(all[0].length).toBe(20);
});

test('a word-level vocabulary knows words and spells others; unknown signs separate', async () => {
  const tokenizer = await readTokenizer(filesOf({ 'vocabulary.json': JSON.stringify(words) }));
  expect(tokenizer).toMatchObject({ contextLength: 9, vocabularySize: 5, startId: 3, endId: 4 });
  expect(tokenizer.encode(['A part.', 'aa', 'a_a', '…'])).toEqual([
    [3, 0, 2, 4],
    [3, 0, 1, 4],
    [3, 0, 0, 4],
    [3, 4],
  ]);
});

test('a tokenizer with more ids than the text tower has embeddings is refused', async () => {
  const files = filesOf({ 'vocabulary.json': JSON.stringify(words) });
  await expect(readTokenizer(files, { contextLength: 8, vocabularySize: 4 })).rejects.toThrow(
    /it has 5 ids, the text tower 4 embeddings/,
  );
});

test.each<[Record<string, string | Uint8Array>, RegExp]>([
  [{ 'readme.md': '' }, /there is no tokenizer among the files; add the tokenizer.json/],
  [{ 'tokenizer.json': '{' }, /it is not JSON/],
  [{ 'tokenizer.json': '[]' }, /it is not a JSON object/],
  [{ 'tokenizer.json': '{"model": {"type": "WordPiece"}}' }, /no byte pairs with <\/w>/],
  [
    { 'tokenizer.json': '{"model": {"end_of_word_suffix": "</w>", "vocab": {"a": "b"}, "merges": []}}' },
    /token "a" has the id "b"/,
  ],
  [
    { 'tokenizer.json': '{"model": {"end_of_word_suffix": "</w>", "vocab": {}, "merges": [["a"]]}}' },
    /a merge is \["a"\]/,
  ],
  [{ 'vocabulary.json': '{"start": 0}' }, /lacks the numbers/],
  [{ 'vocabulary.json': JSON.stringify({ ...words, end: 2.5 }) }, /has the id/],
  [{ 'vocabulary.json': JSON.stringify({ ...words, end: 1 }) }, /"part" has the id 2, outside 0…1/],
  [{ 'vocabulary.json': Uint8Array.of(0xff, 0xfe) }, /damaged/],
  [{ 'bpe_simple_vocab_16e6.txt.gz': Uint8Array.of(1, 2, 3) }, /damaged/],
  [{ 'bpe_simple_vocab_16e6.txt.gz': gzipSync(new Uint8Array(2 ** 26 + 1)) }, /more than 67108864 bytes/],
])('malformed folder %# is refused', async (folder, message) => {
  const error = await readTokenizer(filesOf(folder)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FormatError);
  expect((error as FormatError).message).toMatch(message);
});

function filesOf(folder: Record<string, string | Uint8Array>): FileSource {
  return {
    names: Object.keys(folder),
    open: async (name) => {
      const content = folder[name];
      if (content === undefined) throw new ArgumentError('files', 'a file of the folder', name);
      return byteSource(typeof content === 'string' ? new TextEncoder().encode(content) : content);
    },
  };
}
