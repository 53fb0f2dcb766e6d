import { FormatError } from '@anomclip/core';
import { zipSync } from 'fflate';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { latin1 } from './fixtures/read-fixtures.js';
import { writeNpy } from './npy.js';
import { writePcd } from './pcd-write.js';
import { writePly } from './ply-write.js';
import { readCloud } from './read-cloud.js';
import { writeXyzTiff } from './xyz-tiff-write.js';

const positions = ndarray(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
const xyz = ndarray(Float32Array.of(1, 2, 3, 0, 0, 0, 4, 5, 6, 0, 0, 0), [2, 2, 3]);
const npy = writeNpy(positions);
const text = latin1('1 2 3\n4 5 6\n');

test.each<[string, Uint8Array]>([
  ['a.ply', writePly({ positions })],
  ['A.PCD', writePcd({ positions })],
  ['a.obj', latin1('v 1 2 3\nv 4 5 6\n')],
  ['a.tiff', writeXyzTiff({ xyz })],
  ['folder.d/a.TIF', writeXyzTiff({ xyz })],
  ['a.npy', npy],
  ['big-endian-doubles.npy', writeNpy(ndarray(Float64Array.of(1, 2, 3, 9, 4, 5, 6, 9), [2, 4]))],
  ['grid.npy', writeNpy(xyz)],
  ['long.npy', writeNpy(ndarray(BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n), [2, 3]))],
  ['a.npz', zipSync({ 'whatever.npy': npy })],
  ['several.npz', zipSync({ 'other.npy': writeNpy(ndarray(new Float32Array(1), [1])), 'points.npy': npy })],
  ['a.txt', text],
  ['a.xyz', text],
  ['a.csv', text],
  ['ply without extension', writePly({ positions }, { format: 'ascii' })],
  ['pcd.bin', writePcd({ positions })],
  ['tiff', writeXyzTiff({ xyz })],
  ['npy', npy],
  ['npz.zip', zipSync({ 'points.npy': npy })],
])('%s is read', (name, bytes) => {
  const { cloud } = readCloud(bytes, name);
  expect(cloud.positions.shape).toEqual([2, 3]);
  expect([...cloud.positions.data]).toEqual([1, 2, 3, 4, 5, 6]);
});

test.each<[string, Uint8Array]>([
  ['a.pcd', writePcd({ xyz })],
  ['a.tiff', writeXyzTiff({ xyz })],
  ['a.npy', writeNpy(xyz)],
])('the grid in %s is kept beside the cloud', (name, bytes) => {
  const { organised, index } = readCloud(bytes, name);
  expect(organised?.xyz).toEqual(xyz);
  expect([...index]).toEqual([0, 2]);
});

test('faces come along', () => {
  expect([...(readCloud(latin1('v 1 2 3\nv 4 5 6\nf 1 2 1\n'), 'a.obj').triangles ?? [])]).toEqual([0, 1, 0]);
});

test('limits reach the reader', () => {
  expect(() => readCloud(text, 'a.txt', { maxPoints: 1 })).toThrow('the limit is 1');
});

test('what is of no known kind is refused with a list of what is', () => {
  expect(() => readCloud(latin1('??'), 'a.stl')).toThrow(FormatError);
  expect(() => readCloud(latin1('??'), 'a.stl')).toThrow(
    /"a.stl" is of no known kind; supported are \.ply, \.pcd, \.obj, \.tif/,
  );
});

test('arrays that are no points are refused', () => {
  expect(() => readCloud(writeNpy(ndarray(new Float32Array(4), [2, 2])), 'a.npy')).toThrow(
    /an array \[2, 2\]/,
  );
  const two = zipSync({ 'a.npy': npy, 'b.npy': npy });
  expect(() => readCloud(two, 'a.npz')).toThrow(
    /cannot tell which array holds the points among a, b; call it xyz/,
  );
});
