import { ArgumentError, type PointCloud, ShapeError } from '@anomclip/core';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { arbitraryCloud, expectSameCloud } from './fixtures/clouds.js';
import { readPly } from './ply.js';
import { writePly } from './ply-write.js';

test.each(['binary', 'ascii'] as const)('a cloud written in %s reads back the same', (format) => {
  fc.assert(
    fc.property(arbitraryCloud, (cloud) => {
      expectSameCloud(readPly(writePly(cloud, { format })), cloud);
    }),
    { seed: 5 },
  );
});

test.each(['binary', 'ascii'] as const)('triangles written in %s read back the same', (format) => {
  const cloud: PointCloud = { positions: ndarray(Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0), [3, 3]) };
  const triangles = Uint32Array.of(0, 1, 2, 2, 1, 0);
  expect(readPly(writePly(cloud, { format, triangles })).triangles).toEqual(triangles);
});

test('an ascii file is what anyone would write by hand', () => {
  const cloud: PointCloud = {
    positions: ndarray(Float32Array.of(0.1, -2, 1e-7), [1, 3]),
    colours: ndarray(Uint8Array.of(1, 2, 3), [1, 3]),
  };
  expect(new TextDecoder().decode(writePly(cloud, { format: 'ascii' }))).toBe(
    'ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nproperty float z\n' +
      'property uchar red\nproperty uchar green\nproperty uchar blue\nend_header\n0.1 -2 1.00000001e-7 1 2 3\n',
  );
});

test('strided positions are written in their logical order', () => {
  const transposed = ndarray(Float32Array.of(1, 4, 2, 5, 3, 6), [3, 2]).transpose(1, 0);
  expect([...readPly(writePly({ positions: transposed })).cloud.positions.data]).toEqual([1, 2, 3, 4, 5, 6]);
});

test('parts that disagree, coordinates that are not finite and faces of other clouds are refused', () => {
  const positions = ndarray(Float32Array.of(1, 2, 3), [1, 3]);
  expect(() => writePly({ positions: ndarray(new Float32Array(4), [2, 2]) })).toThrow(ShapeError);
  expect(() => writePly({ positions, labels: new Uint8Array(2) })).toThrow(ShapeError);
  expect(() => writePly({ positions: ndarray(Float32Array.of(1, NaN, 3), [1, 3]) })).toThrow(ArgumentError);
  expect(() => writePly({ positions }, { triangles: Uint32Array.of(0, 0, 1) })).toThrow(ArgumentError);
});
