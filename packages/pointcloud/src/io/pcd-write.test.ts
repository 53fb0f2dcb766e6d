import { ArgumentError, ShapeError } from '@anomclip/core';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { arbitraryCloud, expectSameCloud } from './fixtures/clouds.js';
import { readPcd } from './pcd.js';
import { writePcd } from './pcd-write.js';

test('a cloud reads back the same', () => {
  fc.assert(
    fc.property(arbitraryCloud, (cloud) => {
      expectSameCloud(readPcd(writePcd(cloud)), cloud);
    }),
    { seed: 6 },
  );
});

test('a scan reads back with its grid, missing points, colours and labels', () => {
  const xyz = ndarray(Float32Array.of(1, 2, 3, 0, 0, 0, 0, 0, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4), [2, 3, 3]);
  const image = ndarray(
    Uint8Array.from({ length: 18 }, (_, i) => 250 - i),
    [2, 3, 3],
  );
  const labelGrid = ndarray(Uint8Array.of(0, 1, 2, 3, 4, 5), [2, 3]);
  const file = readPcd(writePcd({ xyz }, { image, labelGrid }));
  expect(file.organised?.xyz).toEqual(xyz);
  expect(file.image).toEqual(image);
  expect(file.labelGrid).toEqual(labelGrid);
  expect([...file.index]).toEqual([0, 2, 3, 4, 5]);
});

test('a flipped view is written in its logical order', () => {
  const xyz = ndarray(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 1, 3]).step(-1, 1, 1);
  expect([...(readPcd(writePcd({ xyz })).organised?.xyz.data ?? [])]).toEqual([4, 5, 6, 1, 2, 3]);
});

test('grids of different size and coordinates that are not finite are refused', () => {
  const xyz = ndarray(new Float32Array(12), [2, 2, 3]);
  expect(() => writePcd({ xyz }, { image: ndarray(new Uint8Array(6), [1, 2, 3]) })).toThrow(ShapeError);
  expect(() => writePcd({ xyz }, { labelGrid: ndarray(new Uint8Array(4), [4]) })).toThrow(ShapeError);
  expect(() => writePcd({ positions: ndarray(Float32Array.of(1, 2, Infinity), [1, 3]) })).toThrow(
    ArgumentError,
  );
});
