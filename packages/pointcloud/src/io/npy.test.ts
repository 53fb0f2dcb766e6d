import { FormatError } from '@anomclip/core';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { concat, fromBase64, latin1, pack, readFixture } from './fixtures/read-fixtures.js';
import { type NpyData, readNpy, writeNpy } from './npy.js';

const { npy } = readFixture<{ npy: Record<string, string> }>('npy.json');
const read = (name: string) => readNpy(fromBase64(npy[name]));

const numpyTypes: [string, new (length: number) => NpyData][] = [
  ['<?', Uint8Array],
  ['<i1', Int8Array],
  ['<u1', Uint8Array],
  ['<i2', Int16Array],
  ['<u2', Uint16Array],
  ['<i4', Int32Array],
  ['<u4', Uint32Array],
  ['<i8', BigInt64Array],
  ['<u8', BigUint64Array],
  ['<f2', Float32Array],
  ['<f4', Float32Array],
  ['<f8', Float64Array],
];
const eitherOrder = numpyTypes.flatMap(([name, type]) =>
  name in npy && name.replace('<', '>') in npy
    ? [[name, type] as const, [name.replace('<', '>'), type] as const]
    : [[name, type] as const],
);

test.each(eitherOrder)('numpy’s %s is read', (name, type) => {
  const array = read(name);
  expect(array.data).toBeInstanceOf(type);
  expect(array.shape).toEqual([2, 3]);
  const expected = name.endsWith('?')
    ? [0, 1, 0, 1, 0, 1]
    : /[if]/.test(name)
      ? [-2, -1, 0, 1, 2, 3]
      : [0, 1, 2, 3, 4, 5];
  expect(Array.from(array.data as ArrayLike<number | bigint>, Number)).toEqual(expected);
});

test('an array in Fortran order keeps its shape and values, with column-major strides', () => {
  const array = read('fortran');
  expect(array.shape).toEqual([2, 3]);
  expect(array.stride).toEqual([1, 2]);
  expect([0, 1].map((i) => [0, 1, 2].map((j) => array.get(i, j)))).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
});

test('versions 2 and 3, scalars, vectors and empty arrays are read', () => {
  for (const name of ['version 2', 'version 3'])
    expect([...(read(name).data as Float32Array)]).toEqual([0, 1, 2, 3, 4, 5]);
  expect([read('scalar').shape, ...(read('scalar').data as Float64Array)]).toEqual([[], 7.5]);
  expect([read('vector').shape, ...(read('vector').data as Float64Array)]).toEqual([[2], 1.5, 2.5]);
  expect([read('empty').shape, read('empty').size]).toEqual([[0, 3], 0]);
});

test('half precision is exact for subnormals, infinities and NaN', () => {
  const bits = [0x0001, 0x03ff, 0x0400, 0x3555, 0xc000, 0x7bff, 0x7c00, 0xfc00, 0x7e00];
  const header = "{'descr': '<f2', 'fortran_order': False, 'shape': (9,), }\n";
  const bytes = concat(
    Uint8Array.of(0x93),
    latin1('NUMPY\x01\x00'),
    pack('uint', 2, [header.length]),
    latin1(header),
    pack('uint', 2, bits),
  );
  expect([...(readNpy(bytes).data as Float32Array)]).toEqual([
    2 ** -24,
    1023 * 2 ** -24,
    2 ** -14,
    0.333251953125,
    -2,
    65504,
    Infinity,
    -Infinity,
    NaN,
  ]);
});

test.each([
  ['complex', /dtype "<c16" is not supported/],
  ['text', /dtype "<U1" is not supported/],
  ['structured', /not one of a plain array; structured and object arrays/],
  ['object', /dtype "\|O" is not supported/],
])('numpy’s %s arrays are refused', (name, message) => {
  expect(() => read(name)).toThrow(FormatError);
  expect(() => read(name)).toThrow(message);
});

function withHeader(header: string, version = 1): Uint8Array {
  const length = pack('uint', version === 1 ? 2 : 4, [header.length]);
  return concat(
    Uint8Array.of(0x93),
    latin1(`NUMPY${String.fromCharCode(version)}\0`),
    length,
    latin1(header),
  );
}

test.each<[string, Uint8Array, RegExp]>([
  ['nothing', new Uint8Array(0), /does not start with/],
  ['an unknown version', withHeader('{}', 4), /version 4/],
  ['a header beyond the file', withHeader('{}').subarray(0, 11), /ends in its header/],
  [
    'Python code',
    withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (exit(),), }"),
    /not one of a plain array/,
  ],
  ['a missing key', withHeader("{'descr': '<f4', 'shape': (1,), }"), /not one of a plain array/],
  [
    'a negative side',
    withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }"),
    /not one of a plain array/,
  ],
  [
    'a truncated array',
    withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (5, 2), }"),
    /needs 40 bytes, there are 0/,
  ],
  [
    'too many elements',
    withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (999999999, 999999999), }"),
    /limit is 50000000/,
  ],
  [
    'too many dimensions',
    withHeader(`{'descr': '<f4', 'fortran_order': False, 'shape': (${'0, '.repeat(65)}), }`),
    /shape .* malformed/,
  ],
])('%s is refused', (_, bytes, message) => {
  expect(() => readNpy(bytes)).toThrow(FormatError);
  expect(() => readNpy(bytes)).toThrow(message);
});

test('what is written reads back the same, for every type and up to four dimensions', () => {
  const types = [
    Int8Array,
    Uint8Array,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
  ];
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.array(fc.nat(4), { maxLength: 4 }), (type, shape) => {
      const size = shape.reduce((product, side) => product * side, 1);
      const array = ndarray(new type(Array.from({ length: size }, (_, i) => i - 3)), shape);
      const back = readNpy(writeNpy(array));
      expect(back.shape).toEqual(shape);
      expect(back.data).toEqual(array.data);
    }),
    { seed: 8 },
  );
  const wide = ndarray(BigInt64Array.of(-(2n ** 60n), 7n), [2]);
  expect(readNpy(writeNpy(wide)).data).toEqual(wide.data);
});

test('a transposed view is written in its logical order, and the data starts at a multiple of 64', () => {
  const view = ndarray(Float32Array.of(0, 1, 2, 3, 4, 5), [2, 3]).transpose(1, 0);
  const bytes = writeNpy(view);
  expect([...(readNpy(bytes).data as Float32Array)]).toEqual([0, 3, 1, 4, 2, 5]);
  expect((bytes.length - 24) % 64).toBe(0);
});

test('bytes in a Node Buffer, which shares memory with others, are copied', () => {
  const bytes = Buffer.from(writeNpy(ndarray(Float32Array.of(1, 2), [2])));
  const array = readNpy(bytes);
  bytes.fill(0);
  expect([...(array.data as Float32Array)]).toEqual([1, 2]);
});
