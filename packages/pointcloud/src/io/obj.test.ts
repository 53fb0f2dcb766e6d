import { FormatError } from '@anomclip/core';
import { expect, test } from 'vitest';
import { hasSharedData, latin1, readShared } from './fixtures/read-fixtures.js';
import { readObj } from './obj.js';

const obj = (...lines: string[]) => readObj(latin1(lines.join('\n')));

test('vertices and all kinds of corners are read, and polygons become fans', () => {
  const { cloud, triangles } = obj(
    '# a comment',
    'mtllib a.mtl',
    'v 0 0 0',
    'v 1 0 0 1.0',
    'v\t1 1 0',
    '  v 0 1e0 0',
    'vt 0 0',
    'vn 0 0 1',
    'usemtl b',
    'f 1 2 3 4',
    'f 1/1 2/1 3/1',
    'f 1//1 2//1 3//1',
    'f 1/1/1 2/1/1 3/1/1',
    's off',
  );
  expect([...cloud.positions.data]).toEqual([0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0]);
  expect([...(triangles ?? [])]).toEqual([0, 1, 2, 0, 2, 3, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
});

test('negative indices count back from the vertices so far', () => {
  const { triangles } = obj('v 0 0 0', 'v 1 0 0', 'v 0 1 0', 'f -3 -2 -1', 'v 0 0 1', 'f -1 -2 -3');
  expect([...(triangles ?? [])]).toEqual([0, 1, 2, 3, 2, 1]);
});

test('a vertex gets the mean of the normals that its corners name', () => {
  const { cloud } = obj(
    'v 0 0 0',
    'v 1 0 0',
    'v 0 1 0',
    'vn 0 0 2',
    'vn 0 3 0',
    'f 1//1 2//1 3//1',
    'f 1//2 2//1 3//-2',
  );
  const half = Math.fround(Math.SQRT1_2);
  expect([...(cloud.normals?.data ?? [])]).toEqual([0, half, half, 0, 0, 1, 0, 0, 1]);
});

test('as many normals as vertices and no corners that name them belong together in order', () => {
  expect([...(obj('v 0 0 0', 'vn 1 0 0', 'v 1 1 1', 'vn 0 1 0').cloud.normals?.data ?? [])]).toEqual([
    1, 0, 0, 0, 1, 0,
  ]);
  expect(obj('v 0 0 0', 'vn 1 0 0', 'vn 0 1 0').cloud.normals).toBeUndefined();
});

test('colours after the coordinates, with or without a weight, are 0…1 or 0…255; other vertices are black', () => {
  const colours = (...lines: string[]) => [...(obj(...lines).cloud.colours?.data ?? [])];
  expect(colours('v 0 0 0', 'v 0 0 0 1 0.2 0', 'v 0 0 0')).toEqual([0, 0, 0, 255, 51, 0, 0, 0, 0]);
  expect(colours('v 0 0 0 10 20 30')).toEqual([10, 20, 30]);
  expect(colours('v 0 0 0 1 0.2 1 0')).toEqual([51, 255, 0]);
});

test('a backslash continues a line', () => {
  expect([...(obj('v 0 0 \\', ' 0', 'v 1 0 0', 'v 0 1 0', 'f 1 2 \\\r', '3').triangles ?? [])]).toEqual([
    0, 1, 2,
  ]);
});

test('an empty file is an empty cloud without triangles', () => {
  const { cloud, triangles } = readObj(new Uint8Array(0));
  expect(cloud.positions.shape).toEqual([0, 3]);
  expect(triangles).toBeUndefined();
});

test.each<[string[], RegExp]>([
  [['not a mesh'], /no line is a vertex/],
  [['v 1 2'], /line 1: a vertex with 2/],
  [['v 1 2 x'], /expected a number, got "x"/],
  [['v 1 2 3', 'f 1 1 0'], /line 2: a face corner names 0 of 1; indices count from 1/],
  [['v 1 2 3', 'f 1 1 -2'], /names -2 of 1/],
  [['v 1 2 3', 'f 1 1 2'], /vertex 1 of 1/],
  [['v 1 2 3', 'f 1 1 1.5'], /names 1.5/],
  [['v 1 2 3', 'f 1//1 1//1 1//1'], /normal 1 of 0/],
  [['v 1 2 3', 'f 1 \\ 1 1'], /backslash inside a line/],
])('%j is refused', (lines, message) => {
  expect(() => obj(...lines)).toThrow(FormatError);
  expect(() => obj(...lines)).toThrow(message);
});

test('maxPoints is obeyed', () => {
  expect(() => readObj(latin1('v 0 0 0\nv 1 1 1\n'), { maxPoints: 1 })).toThrow('the limit is 1');
});

test.skipIf(!hasSharedData)(
  'the bunny and the fan disk have their published sizes (skipped without ../shared)',
  () => {
    const bunny = readObj(readShared('models/stanford-bunny.obj'));
    expect([bunny.cloud.positions.shape[0], (bunny.triangles?.length ?? 0) / 3]).toEqual([35_947, 69_451]);
    const disk = readObj(readShared('models/fandisk.obj'));
    expect([disk.cloud.positions.shape[0], (disk.triangles?.length ?? 0) / 3]).toEqual([6475, 2 * 6475 - 4]); // closed, genus 0
  },
);
