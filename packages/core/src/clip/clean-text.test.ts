import { expect, test } from 'vitest';
import { cleanText } from './clean-text.js';

// Expected: ftfy 6.3.1, html.unescape twice and OpenCLIP 3.3.0's whitespace_clean, lower case (Python 3.11).
test.each([
  ['\u2019s', "'s"],
  ['\u201cquoted\u201d', '"quoted"'],
  ['\ufb02u\ufb03e\ufb06', 'fluffiest'],
  ['\uff2c\uff2f\uff35\uff24\u3000\uff2e\uff2f\uff29\uff33\uff25\uff33', 'loud noises'],
  ['&amp;amp;', '&'],
  ['&lt;tag&gt;', '<tag>'],
  ['&EACUTE;', '\u00e9'],
  ['&notit;', '\u00acit;'],
  ['&not', '\u00ac'],
  ['this&not that', 'this\u00ac that'],
  ['&#39;', "'"],
  ['&#x80;', '\u20ac'],
  ['&#0;', '\ufffd'],
  ['&#xFEFF;', ''],
  ['\ufeff', ''],
  ['\u0085', '\u2026'],
  ['\u2028', ''],
  ['e\u0301', '\u00e9'],
  ['\u65e5\u672c\u8a9e', '\u65e5\u672c\u8a9e'],
  ['\ud83d\ude00\ud83d\udc4d\ud83c\udffd', '\ud83d\ude00\ud83d\udc4d\ud83c\udffd'],
  ["IT'S", "it's"],
  ['<|endoftext|>', '<|endoftext|>'],
  ["'\u017f", "'\u017f"],
  ['\u0130stanbul', 'i\u0307stanbul'],
  ['\u03a3\u0391\u03a3', '\u03c3\u03b1\u03c2'],
  ['\u001b[31m', ''],
  ['\u0007', ''],
  ['\u0133', 'ij'],
  ['\u0149', "'n"],
  ['\u01c4', 'd\u017e'],
  ['\u00bd', '\u00bd'],
  ['&Jscr;', '\ud835\udca5'],
  ['&SZLIG;', 'ss'],
  ['&copy2024', '\u00a92024'],
  ['\uff61\uff76\uff9e', '\u3002\u30ac'],
  ['&#1114112;', '\ufffd'],
  ['&#xD800;', '\ufffd'],
  ['&;', '&;'],
  ['\u3000', ''],
  ['&nbsp;', ''],
  ['a <b> &amp; &lt;\n&lt;', 'a <b> & < <'],
  ['line one\r\nline two\u0085', 'line one line two\u2026'],
  [' a\t\n b\u00a0\u2003c ', 'a b c'],
])('%j is cleaned to %j, as ftfy and html.unescape do', (text, cleaned) => {
  expect(cleanText(text)).toBe(cleaned);
});

test('cleaning a cleaned text of names changes nothing', () => {
  for (const text of ['a photo of a damaged metal_nut.', 'naïve café — “π”', '½ × 3']) {
    expect(cleanText(cleanText(text))).toBe(cleanText(text));
  }
});

test('a text with the wrong encoding stays as it is', () => {
  expect(cleanText('cafÃ©')).toBe('cafã©');
});
