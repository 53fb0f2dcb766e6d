import { deflateSync } from 'node:zlib';
import { FormatError } from '@anomclip/core';
import { expect, test } from 'vitest';
import { concat, fromBase64, latin1, pack, readFixture } from './fixtures/read-fixtures.js';
import { readXyzTiff } from './xyz-tiff.js';

const { files } = readFixture<{ files: Record<string, string> }>('xyz-tiff.json');

/** The scan in every fixture; see the origin written in the file. */
function expectedScan(): Float32Array {
  const xyz = Float32Array.from({ length: 18 * 17 * 3 }, (_, k) => ((k * k) % 23) / 8 - 1);
  for (const [row, column] of [
    [3, 4],
    [5, 6],
    [7, 8],
    [9, 1],
  ]) {
    const pixel = 3 * (17 * row + column);
    xyz.fill(0, pixel, pixel + 3);
  }
  return xyz;
}

test.each(Object.keys(files))('%s', (name) => {
  const { xyz } = readXyzTiff(fromBase64(files[name]));
  expect(xyz.shape).toEqual([18, 17, 3]);
  expect(xyz.data).toEqual(expectedScan());
});

interface Tags {
  [tag: number]: { kind: 'short' | 'long' | 'text'; values: number[] | string };
}
const short = (...values: number[]) => ({ kind: 'short' as const, values });
const long = (...values: number[]) => ({ kind: 'long' as const, values });

/** A TIFF of pages, each with tags and one strip, laid out in the plainest way. */
function tiff(pages: { tags: Tags; strip: Uint8Array }[], little: boolean): Uint8Array {
  const parts: Uint8Array[] = [
    latin1(little ? 'II' : 'MM'),
    pack('uint', 2, [42], little),
    pack('uint', 4, [8], little),
  ];
  let at = 8;
  pages.forEach(({ tags, strip }, page) => {
    const entries = Object.entries({ ...tags, 273: long(0), 279: long(strip.length) }).sort(
      ([a], [b]) => Number(a) - Number(b),
    );
    const directoryBytes = 2 + 12 * entries.length + 4;
    let extra = at + directoryBytes + strip.length;
    const directory: Uint8Array[] = [pack('uint', 2, [entries.length], little)];
    const outside: Uint8Array[] = [];
    for (const [tag, { kind, values }] of entries) {
      const list = typeof values === 'string' ? [...latin1(values)] : values;
      const width = kind === 'long' ? 4 : kind === 'short' ? 2 : 1;
      let data = pack('uint', width, tag === '273' ? [at + directoryBytes] : list, little);
      if (data.length > 4) {
        outside.push(data);
        data = pack('uint', 4, [extra], little);
        extra += outside[outside.length - 1].length;
      }
      const type = kind === 'long' ? 4 : kind === 'short' ? 3 : 2;
      directory.push(
        pack('uint', 2, [Number(tag), type], little),
        pack('uint', 4, [list.length], little),
        concat(data, new Uint8Array(4 - data.length)),
      );
    }
    directory.push(pack('uint', 4, [page + 1 < pages.length ? extra : 0], little));
    parts.push(...directory, strip, ...outside);
    at = extra;
  });
  return concat(...parts);
}

const onePixel: Tags = {
  256: long(1),
  257: long(1),
  258: short(32, 32, 32),
  277: short(3),
  339: short(3, 3, 3),
};
const pixel = pack('float', 4, [1, 2, 3]);
const withTags = (tags: Tags, strip = pixel): Uint8Array =>
  tiff([{ tags: { ...onePixel, ...tags }, strip }], true);

test('the plainest file there is gives its pixel', () => {
  const { xyz } = readXyzTiff(withTags({}));
  expect([xyz.shape, [...xyz.data]]).toEqual([
    [1, 1, 3],
    [1, 2, 3],
  ]);
});

test.each([
  ['little', true, 4],
  ['big', false, 4],
  ['little', true, 8],
  ['big', false, 8],
] as const)(
  'predictor 3 orders bytes by significance in %s-endian files too (%s, %i bytes)',
  (_, little, bytes) => {
    // Two pixels by the definition (Adobe Photoshop TIFF Technical Note 3): planes of bytes, then differences.
    const values = [0.5, -1.25, 3, 0.625, -1.5, 1e-3].map((value) =>
      bytes === 4 ? Math.fround(value) : value,
    );
    const bigEndian = pack('float', bytes, values, false);
    const row = new Uint8Array(6 * bytes);
    for (let i = 0; i < 6; i++)
      for (let byte = 0; byte < bytes; byte++) row[byte * 6 + i] = bigEndian[i * bytes + byte];
    const differences = row.map((byte, i) => (i < 3 ? byte : byte - row[i - 3]));
    const tags = {
      ...onePixel,
      256: long(2),
      258: short(8 * bytes, 8 * bytes, 8 * bytes),
      259: short(8),
      317: short(3),
    };
    const { xyz } = readXyzTiff(tiff([{ tags, strip: new Uint8Array(deflateSync(differences)) }], little));
    expect([...xyz.data]).toEqual(values.map(Math.fround));
  },
);

test('thumbnails and masks in further pages are ignored', () => {
  const page = { tags: onePixel, strip: pixel };
  const grey: Tags = { 254: long(1), 256: long(1), 257: long(1), 258: short(8), 277: short(1) };
  const { xyz } = readXyzTiff(tiff([page, { tags: grey, strip: Uint8Array.of(9) }], true));
  expect([...xyz.data]).toEqual([1, 2, 3]);
});

test('pages without a description that says so are no scan', () => {
  const page: Tags = { 256: long(3), 257: long(1), 258: short(32), 277: short(1), 339: short(3) };
  const described = { ...page, 270: { kind: 'text' as const, values: '{"shape": [2, 1, 3]}\0' } };
  const pages = (first: Tags) =>
    tiff(
      [
        { tags: first, strip: pixel },
        { tags: page, strip: pack('float', 4, [4, 5, 6]) },
      ],
      false,
    );
  expect(() => readXyzTiff(pages(page))).toThrow(/2 page\(s\) of 1 × 3 with 1 sample/);
  const bigEndianPixels = tiff(
    [
      { tags: described, strip: pack('float', 4, [1, 2, 3], false) },
      { tags: page, strip: pack('float', 4, [4, 5, 6], false) },
    ],
    false,
  );
  const { xyz } = readXyzTiff(bigEndianPixels);
  expect([xyz.shape, [...xyz.data]]).toEqual([
    [2, 1, 3],
    [1, 2, 3, 4, 5, 6],
  ]);
});

test('a double that overflows float32 makes its pixel missing', () => {
  const { xyz } = readXyzTiff(withTags({ 258: short(64, 64, 64) }, pack('float', 8, [1, 1e39, 3])));
  expect([...xyz.data]).toEqual([0, 0, 0]);
});

test.each<[string, Uint8Array, RegExp]>([
  ['nothing', new Uint8Array(0), /does not start as a TIFF/],
  ['a header alone', latin1('II*\0\x08\0\0\0'), /ends before byte 8/],
  ['no image', latin1('II*\0\0\0\0\0'), /no image/],
  [
    'a directory that points to itself',
    concat(
      latin1('II*\0\x08\0\0\0'),
      Uint8Array.of(1, 0),
      pack('uint', 2, [254, 4]),
      pack('uint', 4, [1, 1, 8]),
    ),
    /overlap/,
  ],
  [
    'integers',
    withTags({ 339: short(1, 1, 1) }),
    /samples of format 1,1,1 and 32,32,32 bits; coordinates must be/,
  ],
  ['half floats', withTags({ 258: short(16, 16, 16) }), /16,16,16 bits/],
  [
    'one sample',
    withTags({ 258: short(32), 277: short(1), 339: short(3) }),
    /1 page\(s\) of 1 × 1 with 1 sample/,
  ],
  ['JPEG', withTags({ 259: short(7) }), /compression 7; known are none/],
  ['an unknown predictor', withTags({ 259: short(8), 317: short(4) }), /predictor 4/],
  ['reversed bits', withTags({ 266: short(2) }), /FillOrder 2/],
  [
    'more pixels than bytes',
    withTags({ 256: long(1000), 257: long(1000) }),
    /12 bytes of data for an image of 12000000/,
  ],
  ['more pixels than the limit', withTags({ 256: long(60_000), 257: long(60_000) }), /limit is 50000000/],
  ['no pixels', withTags({ 256: long(0) }), /image of 0 × 1/],
  ['a strip too few', withTags({ 257: long(2), 278: long(1) }), /1 offsets and 1 lengths for 2 strips/],
  ['Deflate data without a header', withTags({ 259: short(8) }), /no zlib header/],
])('%s is refused', (_, bytes, message) => {
  expect(() => readXyzTiff(bytes)).toThrow(FormatError);
  expect(() => readXyzTiff(bytes)).toThrow(message);
});

test('maxInflatedBytes is obeyed', () => {
  const strip = new Uint8Array(deflateSync(pixel));
  expect(() => readXyzTiff(withTags({ 259: short(8) }, strip), { maxInflatedBytes: 11 })).toThrow(
    'the limit is 11',
  );
});
