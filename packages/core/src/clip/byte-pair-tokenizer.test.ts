import { expect, test } from 'vitest';
import { FormatError } from '../errors.js';
import { clipMerges } from '../testing/clip-merges.fixture.js';
import { GoldenFile, hasShared } from '../testing/golden.fixture.js';
import { bytePairTokenizer, parseMerges, vocabularyOfMerges } from './byte-pair-tokenizer.js';
import { TextTooLongError } from './tokenizer.js';

const tokenizer = bytePairTokenizer(vocabularyOfMerges(clipMerges()));

test.skipIf(!hasShared)('ids equal CLIP (skipped where ../shared is absent)', () => {
  const golden = new GoldenFile('golden/tokenizer.safetensors');
  for (const [i, text] of (JSON.parse(golden.metadata.texts) as string[]).entries()) {
    expect(tokenizer.split(text), text).toEqual([...golden.values(`ids_${i}`)]);
  }
});

// Expected: the specification of CLIP-FSAC++, section 4.3.
test.each([
  ['a photo of a damaged metal_nut.', '49406 320 1125 539 320 13568 4044 318 6491 269 49407'],
  [
    'a close-up photo of the pcb1 without flaw.',
    '49406 320 2660 268 705 1125 539 518 26235 272 2193 34978 269 49407',
  ],
  [
    'a jpeg corrupted photo of the cable_gland with defect.',
    '49406 320 73 11207 30429 775 1125 539 518 7925 318 41441 593 44013 269 49407',
  ],
])('%s has start, the known ids, and end', (text, ids) => {
  expect(tokenizer.encode([text])).toEqual([ids.split(' ').map(Number)]);
});

// Expected: OpenCLIP 3.3.0's SimpleTokenizer with OpenAI's names of start and end.
test.each([
  [
    "it's 3D: 0.07 & 100% na\u00efve caf\u00e9",
    [585, 568, 274, 323, 281, 271, 269, 271, 278, 261, 272, 271, 271, 260, 1097, 35689, 563, 15304],
  ],
  ['\u65e5\u672c\u8a9e', [39121, 44353, 34002, 508]],
  ['\ud83d\ude00\ud83d\udc4d\ud83c\udffd', [12832, 43722]],
  ["'\u017f", [6, 129, 379]],
  ["we'Ve don't", [649, 1200, 847, 713]],
  ['&lt;tag&gt;<|startoftext|>', [283, 3640, 29, 27, 347, 993, 6659, 4160, 91, 285]],
  ['http://x.y/?a=1&copy=2', [15066, 12441, 343, 269, 344, 14, 286, 320, 284, 272, 31148, 284, 273]],
  ['!!!???...', [11194, 5195, 22641]],
  ['\u0928\u092e\u0938\u094d\u0924\u0947', [3124, 101, 48254, 28505, 19389, 27263, 25130]],
  ['a--b \u00bd\u00b2', [320, 2432, 321, 33613, 41175]],
  ['metal_nut. <|endoftext|>', [4044, 318, 6491, 269, 49407]],
])('%j has the ids of the reference', (text, ids) => {
  expect(tokenizer.split(text)).toEqual(ids);
});

test('a text that is too long is refused, or cut and closed when asked', () => {
  const text = Array.from({ length: 76 }, () => 'nut').join(' ');
  expect(() => tokenizer.encode(['short', text])).toThrow(TextTooLongError);
  expect(() => tokenizer.encode([text])).toThrow(/has 78 tokens, the model takes 77; .*truncate: true/);
  const [ids] = tokenizer.encode([text], { truncate: true });
  expect([ids.length, ids[0], ids[76]]).toEqual([77, 49406, 49407]);
  expect(tokenizer.encode([text.slice(4)])[0].length).toBe(77);
  expect(tokenizer.encode(['a b c'], { contextLength: 4, truncate: true })).toEqual([
    [49406, 320, 321, 49407],
  ]);
});

test('no text gives start and end only', () => {
  expect(tokenizer.encode(['', ' \n'])).toEqual([
    [49406, 49407],
    [49406, 49407],
  ]);
  expect(tokenizer.encode([])).toEqual([]);
});

test('vocabularies that are not CLIP are refused', () => {
  const small = (change: (ids: Map<string, number>) => void) => () => {
    const { ids, merges } = vocabularyOfMerges('#version: 0.2\ni n\nt h</w>', 516);
    const changed = new Map(ids);
    change(changed);
    return bytePairTokenizer({ ids: changed, merges });
  };
  expect(small(() => {})().split('th')).toEqual([513]);
  expect(small((ids) => ids.delete('!'))).toThrow(FormatError);
  expect(small((ids) => ids.delete('in'))).toThrow(/the merged pair "in" has no id/);
  expect(small((ids) => ids.delete('<|endoftext|>'))).toThrow(/is missing/);
  expect(small((ids) => ids.set('<|endoftext|>', 3))).toThrow(/not the largest/);
  expect(small((ids) => ids.set('a', 1e12))).toThrow(/has the id 1000000000000/);
  expect(() => vocabularyOfMerges('i n')).toThrow(/1 merges, a vocabulary of 49408 has 48894/);
  expect(() => parseMerges('#version\ni n g')).toThrow(/line 2 of the merges is "i n g", not a pair/);
});
