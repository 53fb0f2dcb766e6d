import { FormatError } from '@anomclip/core';
import { type Zippable, zipSync } from 'fflate';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { fromBase64, latin1, readFixture } from './fixtures/read-fixtures.js';
import { writeNpy } from './npy.js';
import { readNpz } from './npz.js';

const { npz } = readFixture<{ npz: Record<string, string> }>('npy.json');

test.each(Object.entries(npz))('numpy’s archive, %s, gives its arrays by name', (_, base64) => {
  const arrays = readNpz(fromBase64(base64));
  expect([...arrays.keys()].sort()).toEqual(['labels', 'xyz']);
  expect(arrays.get('xyz')?.data).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5));
  expect(arrays.get('xyz')?.shape).toEqual([2, 3]);
  expect(arrays.get('labels')?.data).toEqual(Int16Array.of(0, 1, 2, 3));
});

const array = writeNpy(ndarray(new Float64Array(1000), [1000]));
const zip = (files: Zippable): Uint8Array => zipSync(files);

test('members that are no arrays are left out, and an archive may be empty', () => {
  expect([
    ...readNpz(zip({ 'readme.txt': latin1('hello'), 'a.npy': array, 'b.npy': latin1('no array') })).keys(),
  ]).toEqual(['a']);
  expect(readNpz(zip({})).size).toBe(0);
});

test('a member called __proto__ is an array like any other', () => {
  expect([...readNpz(zip({ '__proto__.npy': array })).keys()]).toEqual(['__proto__']);
});

test('an archive may have a comment', () => {
  const bytes = zip({ 'a.npy': array });
  const commented = new Uint8Array(bytes.length + 3);
  commented.set(bytes);
  commented[bytes.length - 2] = 3;
  expect(readNpz(commented).size).toBe(1);
});

test('limits hold for the archive as a whole, and for each array', () => {
  const bytes = zip({ 'a.npy': array, 'b.npy': array });
  expect(() => readNpz(bytes, { maxInflatedBytes: 2 * array.length - 1 })).toThrow(
    /inflates to 16256 bytes, the limit is 16255/,
  );
  expect(() => readNpz(bytes, { maxPoints: 999 })).toThrow(/1000 elements, the limit is 999/);
});

test('a size that the compressed bytes cannot give is refused before it is allocated', () => {
  const bytes = zip({ 'a.npy': array });
  const view = new DataView(bytes.buffer);
  const directory = view.getUint32(bytes.length - 6, true);
  view.setUint32(directory + 24, 1e9, true);
  expect(() => readNpz(bytes)).toThrow(/gives fewer than 1000000000 bytes/);
});

test('members that share their bytes are refused', () => {
  const bytes = zip({ 'a.npy': array, 'b.npy': array });
  const view = new DataView(bytes.buffer);
  const directory = view.getUint32(bytes.length - 6, true);
  view.setUint32(directory + 20, bytes.length, true);
  expect(() => readNpz(bytes)).toThrow(/overlap/);
});

test.each([
  ['nothing', new Uint8Array(0)],
  ['another file', latin1('ply\n'.repeat(10))],
  ['a cut archive', zip({ 'a.npy': array }).subarray(0, -30)],
  ['the end of an archive alone', zip({ 'a.npy': array }).subarray(-22)],
])('%s is refused', (_, bytes) => {
  expect(() => readNpz(bytes)).toThrow(FormatError);
});
