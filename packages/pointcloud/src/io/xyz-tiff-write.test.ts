import { ShapeError } from '@anomclip/core';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { readXyzTiff } from './xyz-tiff.js';
import { writeXyzTiff } from './xyz-tiff-write.js';

test.each(['none', 'deflate'] as const)(
  'a scan written with compression %s reads back the same',
  (compression) => {
    const side = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(
        side,
        side,
        fc.infiniteStream(fc.float({ noNaN: true, noDefaultInfinity: true })),
        (height, width, values) => {
          const data = Float32Array.from({ length: height * width * 3 }, () => values.next().value);
          const xyz = ndarray(data, [height, width, 3]);
          const back = readXyzTiff(writeXyzTiff({ xyz }, { compression })).xyz;
          expect(back.shape).toEqual(xyz.shape);
          expect(back.data.map((value) => value + 0)).toEqual(data.map((value) => value + 0));
        },
      ),
      { seed: 10, numRuns: 30 },
    );
  },
);

test('a scan of many strips reads back the same', () => {
  const xyz = ndarray(
    Float32Array.from({ length: 150 * 200 * 3 }, (_, i) => Math.sin(i)),
    [150, 200, 3],
  );
  for (const compression of ['none', 'deflate'] as const) {
    expect(readXyzTiff(writeXyzTiff({ xyz }, { compression })).xyz).toEqual(xyz);
  }
});

test('the header of a 1 × 1 scan is the one TIFF 6.0 asks for', () => {
  const bytes = writeXyzTiff({ xyz: ndarray(Float32Array.of(1, 2, 3), [1, 1, 3]) });
  const view = new DataView(bytes.buffer);
  const tags = Array.from({ length: view.getUint16(8, true) }, (_, i) => view.getUint16(10 + 12 * i, true));
  expect(tags).toEqual([256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 339]); // ascending
  const strip = view.getUint32(10 + 12 * 5 + 8, true);
  expect([0, 4, 8].map((at) => view.getFloat32(strip + at, true))).toEqual([1, 2, 3]);
});

test('a flipped view is written in its logical order', () => {
  const xyz = ndarray(Float32Array.of(1, 2, 3, 4, 5, 6), [1, 2, 3]).step(1, -1, 1);
  expect([...readXyzTiff(writeXyzTiff({ xyz })).xyz.data]).toEqual([4, 5, 6, 1, 2, 3]);
});

test('what is no scan, or has no pixels, is refused', () => {
  expect(() => writeXyzTiff({ xyz: ndarray(new Float32Array(4), [2, 2]) })).toThrow(ShapeError);
  expect(() => writeXyzTiff({ xyz: ndarray(new Float32Array(0), [0, 4, 3]) })).toThrow(ShapeError);
});
