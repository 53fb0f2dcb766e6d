import { bytePairTokenizer, endPosition, vocabularyOfMerges } from '@anomclip/core/clip';
import { expect, test } from 'vitest';
import { clipMerges } from '../../../core/src/testing/clip-merges.fixture.js';
import { promptTokens, spelledOut } from './prompt-tokens.js';

const tokenizer = bytePairTokenizer(vocabularyOfMerges(clipMerges()));
const prompt = { length: 12, suffix: '.' };
const placeholders = new Array<number>(12).fill(49406);
const agnostic = { prompt: { ...prompt, mode: 'agnostic' } } as const;
const classAware = { prompt: { ...prompt, mode: 'classAware' } } as const;

test('agnostic prompts have the printed ids, and end at 15 and 16 (pointad.md 3.3)', () => {
  const tokens = promptTokens(tokenizer, agnostic, 'ignored');
  expect(tokens).toEqual([
    [49406, ...placeholders, 14115, 269, 49407],
    [49406, ...placeholders, 13568, 14115, 269, 49407],
  ]);
  expect(tokens.map(endPosition)).toEqual([15, 16]);
});

test.each([
  ['bagel', [28777]],
  ['cable_gland', [7925, 41441]],
  ['carrot', [15435]],
  ['cookie', [9367]],
  ['dowel', [639, 8042]],
  ['foam', [14587]],
  ['peach', [11538]],
  ['potato', [8527]],
  ['rope', [9953]],
  ['tire', [9362]],
  ['CandyCane', [6417, 14716]],
  ['ChocolateCookie', [3820, 9367]],
  ['Confetto', [1968, 8105]],
  ['GummyBear', [34276, 4298]],
  ['LicoriceSandwich', [2508, 41341, 8687]],
  ['Lollipop', [34605]],
  ['Marshmallow', [28530]],
  ['PeppermintCandy', [30321, 6417]],
  ['airplane', [16451]],
  ['candybar', [20741, 2411]],
  ['seahorse', [5970, 4558]],
  ['shell', [6648]],
  ['starfish', [44283]],
  ['toffees', [580, 1138, 542]],
])('%s has the printed ids in class-aware prompts', (name, ids) => {
  expect(promptTokens(tokenizer, classAware, name)).toEqual([
    [49406, ...placeholders, ...ids, 269, 49407],
    [49406, ...placeholders, 13568, ...ids, 269, 49407],
  ]);
});

test('class names are spelled out, in lower case', () => {
  expect(['cable_gland', 'CandyCane', 'tire', '_a__B_'].map(spelledOut)).toEqual([
    'cable gland',
    'candy cane',
    'tire',
    'a b',
  ]);
});

test('without the suffix, as the paper prints them, prompts have no full stop', () => {
  const [normal] = promptTokens(tokenizer, { prompt: { ...agnostic.prompt, suffix: '' } }, '');
  expect(normal).toEqual([49406, ...placeholders, 14115, 49407]);
});

test('a class name that does not fit beside the placeholders is refused', () => {
  const long = new Array(70).fill('rope').join('_');
  expect(() => promptTokens(tokenizer, classAware, long)).toThrow('the model takes 65');
});
