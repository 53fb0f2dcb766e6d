import { expect, test } from 'vitest';
import { lumaSpaces } from './colour-spaces.js';

const spaces = Object.keys(lumaSpaces) as (keyof typeof lumaSpaces)[];
const levels = [0, 1, 37, 128, 200, 254, 255];
const colours = levels.flatMap((r) => levels.flatMap((g) => levels.map((b) => [r, g, b] as const)));

test.each(spaces)('splitting into %s and joining again gives the colour back', (space) => {
  const { split, join } = lumaSpaces[space];
  const out = new Float64Array(3);
  for (const colour of colours) {
    split(out, ...colour);
    join(out, out[0], out[1], out[2]);
    for (let c = 0; c < 3; c++) expect(Math.abs(out[c] - colour[c])).toBeLessThan(0.2);
  }
});

test.each(spaces)('the luma of %s is 0 for black, 255 for white and grows along the greys', (space) => {
  const out = new Float64Array(3);
  const luma = levels.map((level) => {
    lumaSpaces[space].split(out, level, level, level);
    return out[0];
  });
  expect(luma[0]).toBeCloseTo(0, 1);
  expect(luma[luma.length - 1]).toBeCloseTo(255, 1);
  for (let i = 1; i < luma.length; i++) expect(luma[i]).toBeGreaterThan(luma[i - 1]);
});

test('known colours: the lightness of sRGB red is 53.24 in Lab and Luv', () => {
  const out = new Float64Array(3);
  for (const space of ['lab', 'luv'] as const) {
    lumaSpaces[space].split(out, 255, 0, 0);
    expect(out[0] / 2.55).toBeCloseTo(53.24, 1);
  }
});
