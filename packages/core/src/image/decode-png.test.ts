import { readFileSync } from 'node:fs';
import { decode, encode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../errors.js';
import { createRng } from '../random/index.js';
import { hasShared, sharedFolder } from '../testing/golden.fixture.js';
import { mutationCount, readMutations } from '../testing/mutations.fixture.js';
import { decodeMask, decodePng, decodePngGrey } from './decode-png.js';
import { encodePng } from './encode-png.js';
import { assemblePng, bigEndian, buildPng, chunk, type PngFixture, repairChecksums } from './png.fixture.js';

const rng = createRng('png');
const randomSamples = (count: number, depth: number): number[] =>
  Array.from({ length: count }, () => rng.integer(0, 2 ** depth));

/** Colour type, channels and depths of every kind of PNG. */
const KINDS = [
  [0, 1, [1, 2, 4, 8, 16]],
  [2, 3, [8, 16]],
  [3, 1, [1, 2, 4, 8]],
  [4, 2, [8, 16]],
  [6, 4, [8, 16]],
] as const;

describe.each(
  KINDS.flatMap(([colourType, channels, depths]) => depths.map((depth) => ({ colourType, channels, depth }))),
)('colour type $colourType with $depth bits', ({ colourType, channels, depth }) => {
  const [width, height] = [13, 11];
  const samples = randomSamples(width * height * channels, depth);
  const palette = colourType === 3 ? randomSamples(3 * 2 ** depth, 8) : undefined;
  /** What Pillow's convert('RGB') says for 8 bits and fewer, and nearest rounding for 16. */
  const expected = Array.from({ length: width * height }, (_, pixel) => {
    const values = samples.slice(pixel * channels, (pixel + 1) * channels);
    if (palette) return palette.slice(3 * values[0], 3 * values[0] + 3);
    const colour = channels >= 3 ? values.slice(0, 3) : [values[0], values[0], values[0]];
    return colour.map((value) => Math.round((value * 255) / (2 ** depth - 1)));
  }).flat();

  test.each([false, true])('is decoded, interlaced: %s', (interlaced) => {
    const fixture: PngFixture = { width, depth, colourType, channels, samples, palette, interlaced };
    const image = decodePng(buildPng(fixture));
    expect(image.shape).toEqual([height, width, 3]);
    expect([...image.data]).toEqual(expected);
  });
});

describe.skipIf(!hasShared)('photographs (skipped where ../shared is absent)', () => {
  test.each(['brick', 'coffee', 'coins', 'grass', 'gravel'])('%s is what fast-png decodes', (name) => {
    const bytes = readFileSync(`${sharedFolder}/data/textures/${name}.png`);
    const { width, height, channels, data } = decode(bytes);
    const image = channels === 1 ? decodePngGrey(bytes) : decodePng(bytes);
    expect(image.shape).toEqual(channels === 1 ? [height, width] : [height, width, 3]);
    expect(Buffer.compare(Buffer.from(image.data), Buffer.from(data.buffer))).toBe(0);
  });
});

describe('decodePngGrey', () => {
  test('keeps 16 bits', () => {
    const grey = decodePngGrey(
      buildPng({ width: 2, depth: 16, colourType: 0, channels: 1, samples: [0, 1, 65535, 515] }),
    );
    expect(grey.data).toEqual(Uint16Array.of(0, 1, 65535, 515));
    expect(grey.shape).toEqual([2, 2]);
  });

  test('spreads fewer bits over 0…255', () => {
    const grey = decodePngGrey(
      buildPng({ width: 4, depth: 2, colourType: 0, channels: 1, samples: [0, 1, 2, 3] }),
    );
    expect(grey.data).toEqual(Uint8Array.of(0, 85, 170, 255));
  });

  test('drops alpha', () => {
    const samples = [10, 0, 200, 255];
    expect([
      ...decodePngGrey(buildPng({ width: 2, depth: 8, colourType: 4, channels: 2, samples })).data,
    ]).toEqual([10, 200]);
  });

  test('weighs colours as Pillow’s convert("L") does', () => {
    const samples = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 10, 20, 30];
    const grey = decodePngGrey(buildPng({ width: 5, depth: 8, colourType: 2, channels: 3, samples }));
    expect([...grey.data]).toEqual([76, 150, 29, 255, 18]);
  });
});

describe('decodeMask', () => {
  test.each<[string, Omit<PngFixture, 'width'>]>([
    ['1 bit', { depth: 1, colourType: 0, channels: 1, samples: [0, 1, 1] }],
    ['8 bits', { depth: 8, colourType: 0, channels: 1, samples: [0, 1, 255] }],
    ['16 bits, where 1 would round to 0', { depth: 16, colourType: 0, channels: 1, samples: [0, 1, 65535] }],
    [
      'grey with alpha, which does not count',
      { depth: 8, colourType: 4, channels: 2, samples: [0, 255, 1, 0, 9, 9] },
    ],
    ['colours', { depth: 8, colourType: 2, channels: 3, samples: [0, 0, 0, 0, 1, 0, 0, 0, 7] }],
    [
      'colours with alpha',
      { depth: 8, colourType: 6, channels: 4, samples: [0, 0, 0, 255, 0, 0, 1, 0, 1, 1, 1, 1] },
    ],
    [
      'a palette',
      { depth: 2, colourType: 3, channels: 1, samples: [2, 0, 1], palette: [0, 0, 9, 1, 0, 0, 0, 0, 0] },
    ],
  ])('is 1 where something is not zero: %s', (_, fixture) => {
    expect([...decodeMask(buildPng({ ...fixture, width: 3 })).data]).toEqual([0, 1, 1]);
  });
});

test('all filters are undone', () => {
  // Filters chosen by hand: bytes of a 3 × 5 image, one filter per row, and the values they stand for.
  const rows = [
    [0, 10, 20, 30],
    [1, 5, 5, 5], // sub: 5, 10, 15
    [2, 1, 1, 1], // up: 6, 11, 16
    [3, 4, 4, 4], // average: 4 + ⌊6/2⌋ = 7, 4 + ⌊(7 + 11)/2⌋ = 13, 4 + ⌊(13 + 16)/2⌋ = 18
    [4, 250, 1, 2], // Paeth: 7 + 250 = 1 mod 256; 1 + 13 − 7 is closest to the corner, 7 + 1; 8 + 18 − 13 too, 13 + 2
  ];
  const stored = Uint8Array.from(rows.flat());
  const file = assemblePng([
    chunk('IHDR', [...bigEndian(3), ...bigEndian(5), 8, 0, 0, 0, 0]),
    chunk('IDAT', storedZlib(stored)),
    chunk('IEND', []),
  ]);
  expect([...decodePngGrey(file).data]).toEqual([10, 20, 30, 5, 10, 15, 6, 11, 16, 7, 13, 18, 1, 8, 15]);
  expect([...decode(file).data]).toEqual([...decodePngGrey(file).data]);
});

test('pixel data may come in many chunks, and unknown ancillary chunks are skipped', () => {
  const samples = randomSamples(20 * 20 * 3, 8);
  const extra = [chunk('tEXt', [1, 2, 3]), chunk('gAMA', [0, 0, 0, 1]), chunk('iCCP', [9, 9, 9])];
  const file = buildPng({ width: 20, depth: 8, colourType: 2, channels: 3, samples, parts: 7, extra });
  expect([...decodePng(file).data]).toEqual(samples);
});

test('a view into a larger buffer is read', () => {
  const file = encodePng(
    decodePng(buildPng({ width: 2, depth: 8, colourType: 0, channels: 1, samples: [1, 2, 3, 4] })),
  );
  const padded = new Uint8Array(file.length + 13);
  padded.set(file, 5);
  expect([...decodePng(padded.subarray(5, 5 + file.length)).data]).toEqual([
    1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4,
  ]);
});

describe('hostile files', () => {
  const good = buildPng({ width: 3, depth: 8, colourType: 0, channels: 1, samples: [1, 2, 3, 4, 5, 6] });
  const header = (width: number, height: number, depth = 8, colourType = 0, ...rest: number[]): Uint8Array =>
    chunk('IHDR', [
      ...bigEndian(width),
      ...bigEndian(height),
      depth,
      colourType,
      ...(rest.length ? rest : [0, 0, 0]),
    ]);
  const end = chunk('IEND', []);
  const pixels = chunk('IDAT', storedZlib(Uint8Array.of(0, 1)));

  test('cut off anywhere they are refused', () => {
    for (let length = 0; length < good.length; length++) {
      expect(() => decodePng(good.subarray(0, length))).toThrow(FormatError);
    }
  });

  test('a flipped bit anywhere but behind the image is refused', () => {
    for (let bit = 0; bit < 8 * good.length; bit++) {
      const damaged = good.slice();
      damaged[bit >> 3] ^= 1 << (bit & 7);
      expect(() => decodePng(damaged)).toThrow(FormatError);
    }
  });

  test.each<[message: string, chunks: Uint8Array[]]>([
    ['PNG: chunk IDAT is out of place', [pixels, end]],
    ['PNG: chunk IHDR is out of place', [header(1, 1), header(1, 1), pixels, end]],
    ['PNG: the image is 0 × 5 pixels', [header(0, 5), pixels, end]],
    [
      'PNG: 4294967295 × 4294967295 is more than 100000000 pixels; raise maxPixels',
      [header(2 ** 32 - 1, 2 ** 32 - 1)],
    ],
    ['cannot hold 100010000', [header(10_000, 10_000), pixels, end]],
    ['PNG: colour type 2 with 4 bits', [header(1, 1, 4, 2), pixels, end]],
    ['PNG: colour type 7 with 8 bits', [header(1, 1, 8, 7), pixels, end]],
    ['interlace method 2', [header(1, 1, 8, 0, 0, 0, 2), pixels, end]],
    ['PNG: a header of 12 bytes', [chunk('IHDR', new Array(12).fill(0))]],
    ['PNG: its palette is missing', [header(1, 1, 8, 3), pixels, end]],
    ['PNG: a palette of 4 bytes', [header(1, 1, 8, 3), chunk('PLTE', [1, 2, 3, 4]), pixels, end]],
    [
      'PNG: pixel 0 has colour 1 of a palette of 1',
      [header(1, 1, 8, 3), chunk('PLTE', [1, 2, 3]), pixels, end],
    ],
    ['PNG: unknown critical chunk ABCD', [header(1, 1), chunk('ABCD', []), pixels, end]],
    [
      'PNG: row 0 has the unknown filter 5',
      [header(1, 1), chunk('IDAT', storedZlib(Uint8Array.of(5, 1))), end],
    ],
    ['it ends after 2 of 4 bytes', [header(1, 2), pixels, end]],
    ['0 bytes cannot hold 2', [header(1, 1), end]],
  ])('%s', (message, chunks) => {
    expect(() => decodePng(assemblePng(chunks))).toThrow(FormatError);
    expect(() => decodePng(assemblePng(chunks))).toThrow(message);
  });

  test('maxPixels is the largest number of pixels that is read', () => {
    expect(decodePng(good, { maxPixels: 6 }).shape).toEqual([2, 3, 3]);
    expect(() => decodePng(good, { maxPixels: 5 })).toThrow(
      'PNG: 3 × 2 is more than 5 pixels; raise maxPixels',
    );
  });

  test(`${mutationCount} damaged files are read or refused, half of them with checksums made right`, async () => {
    const files = KINDS.flatMap(([colourType, channels, depths]) =>
      depths.map((depth) => {
        const palette = colourType === 3 ? randomSamples(3 * 2 ** depth, 8) : undefined;
        const samples = randomSamples(9 * 7 * channels, depth);
        return buildPng({
          width: 9,
          depth,
          colourType,
          channels,
          samples,
          palette,
          interlaced: depth !== 8,
          parts: 2,
        });
      }),
    );
    files.push(encode({ width: 5, height: 5, data: new Uint8Array(75), channels: 3 }));
    const { valid, refused } = await readMutations(files, (bytes, draws) => {
      const file = draws.boolean() ? repairChecksums(bytes) : bytes;
      const image = decodePng(file, { maxPixels: 1e6 });
      expect(image.data).toHaveLength(image.shape[0] * image.shape[1] * 3);
      expect(image.size).toBeLessThanOrEqual(3e6);
      decodePngGrey(file, { maxPixels: 1e6 });
      decodeMask(file, { maxPixels: 1e6 });
    });
    expect(valid).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(valid);
  }, 600_000);
});

/** One stored block. */
function storedZlib(bytes: Uint8Array): number[] {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a += byte;
    b += a;
  }
  const { length } = bytes;
  return [0x78, 0x01, 1, length, 0, 255 - length, 255, ...bytes, b >> 8, b & 255, a >> 8, a & 255];
}
