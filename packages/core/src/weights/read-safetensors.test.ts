import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../errors.js';
import { hasShared, sharedFolder } from '../testing/golden.fixture.js';
import { mutationCount, readMutations } from '../testing/mutations.fixture.js';
import { arrayOfDtype } from './dtypes.js';
import { readSafetensors } from './read-safetensors.js';
import { toFloat32 } from './to-float32.js';
import { writeSafetensors } from './write-safetensors.js';

/** A file with this header and so many bytes of data. */
function fileOf(header: string | Uint8Array, dataLength = 0): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const file = new Uint8Array(8 + text.length + dataLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  for (let i = 0; i < dataLength; i++) file[8 + text.length + i] = i + 1;
  return file;
}

const entry = (dtype: string, shape: string, begin: number | string, end: number | string): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

describe.skipIf(!hasShared)('golden files (skipped where ../shared is absent)', () => {
  test('every one is read, and every tensor has as many elements as its shape says', () => {
    const folder = `${sharedFolder}/golden`;
    const names = readdirSync(folder).filter((name) => name.endsWith('.safetensors'));
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      const { tensors, metadata } = readSafetensors(readFileSync(`${folder}/${name}`));
      expect(tensors.size).toBeGreaterThan(0);
      expect(Object.keys(metadata).length).toBeGreaterThan(0);
      for (const { shape, data } of tensors.values()) {
        expect(data).toHaveLength(shape.reduce((product, side) => product * side, 1));
      }
    }
  });
});

test('tensors and metadata of a file written by hand', () => {
  const header = `{"__metadata__":{"format":"pt"},"w":${entry('I16', '[2, 1]', 4, 8)}, "v":${entry('U8', '[4]', 0, 4)}}  `;
  const { tensors, metadata } = readSafetensors(fileOf(header, 8));
  expect([...tensors.keys()]).toEqual(['w', 'v']);
  expect(tensors.get('w')).toEqual({
    dtype: 'I16',
    shape: [2, 1],
    data: Int16Array.of(5 + 6 * 256, 7 + 8 * 256),
  });
  expect(tensors.get('v')?.data).toEqual(Uint8Array.of(1, 2, 3, 4));
  expect(metadata.format).toBe('pt');
});

test.each(Object.entries(arrayOfDtype))(
  '%s comes as its kind of array, with scalars and empty tensors',
  (dtype, ArrayType) => {
    const size = ArrayType.BYTES_PER_ELEMENT;
    const header = `{"none":${entry(dtype, '[0, 3]', 0, 0)},"one":${entry(dtype, '[]', 0, size)}}`;
    const { tensors } = readSafetensors(fileOf(header, size));
    expect(tensors.get('none')?.data).toBeInstanceOf(ArrayType);
    expect(tensors.get('none')?.data).toHaveLength(0);
    expect(tensors.get('one')).toMatchObject({ shape: [] });
    expect(toFloat32({ dtype: 'F32', data: new Float32Array(0), ...tensors.get('one') })).toHaveLength(1);
  },
);

test('aligned tensors are views of the file, the others copies', () => {
  const at = (padding: string): Uint8Array => fileOf(`{"a":${entry('F32', '[1]', 0, 4)}${padding}}`, 4);
  const files = [at(''), at(' '), at('  '), at('   ')];
  const shared = files.map((file) => readSafetensors(file).tensors.get('a')?.data.buffer === file.buffer);
  expect(shared.filter(Boolean)).toHaveLength(1);
  for (const file of files) expect(readSafetensors(file).tensors.get('a')?.data).toHaveLength(1);
});

test('a file inside a larger buffer is read', () => {
  const file = writeSafetensors({ a: { shape: [2], data: Float64Array.of(1.5, -2) } });
  const larger = new Uint8Array(file.length + 9);
  larger.set(file, 3);
  const { tensors } = readSafetensors(larger.subarray(3, 3 + file.length));
  expect([...(tensors.get('a')?.data ?? [])]).toEqual([1.5, -2]);
});

test('names that mean something to JavaScript objects are only names', () => {
  const header = `{"__metadata__":{"__proto__":"x","toString":"y"},"__proto__":${entry('U8', '[1]', 0, 1)}}`;
  const { tensors, metadata } = readSafetensors(fileOf(header, 1));
  expect([...tensors.keys()]).toEqual(['__proto__']);
  expect(Object.keys(metadata)).toEqual(['__proto__', 'toString']);
  expect(metadata.hasOwnProperty).toBeUndefined();
  expect(({} as Record<string, unknown>).dtype).toBeUndefined();
});

describe('hostile files are refused:', () => {
  const one = entry('U8', '[1]', 0, 1);

  test.each<[message: string, file: Uint8Array]>([
    ['0 bytes, too short for the header’s length'.replace('’', "'"), new Uint8Array(0)],
    [
      'the header is said to have 9 bytes, the file has 2 more',
      Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d),
    ],
    ['the header is said to have 18446744073709551615 bytes', new Uint8Array(8).fill(255)],
    ['the header is not valid UTF-8', fileOf(Uint8Array.of(0x7b, 0xff, 0x7d))],
    ['header, character 0: expected {', fileOf('')],
    ['header, character 0: expected {', fileOf('\ufeff{}')],
    ['header, character 0: expected {', fileOf('[]')],
    ['expected a string', fileOf('{a:1}')],
    ['expected a string', fileOf(`{"a":${one},}`, 1)],
    ['something follows the closing brace', fileOf(`{"a":${one}} {}`, 1)],
    ['expected }', fileOf(`{"a":${one}`, 1)],
    ['a string holds a character or escape that JSON does not allow', fileOf('{"\\x":1}')],
    ['a string holds a character or escape that JSON does not allow', fileOf('{"\n":1}')],
    ['the header has the key "a" twice', fileOf(`{"a":${one},"a":${one}}`, 1)],
    ['the header has the key "a" twice', fileOf(`{"a":${one},"\\u0061":${one}}`, 1)],
    ['the header has the key "__metadata__" twice', fileOf('{"__metadata__":{},"__metadata__":{}}')],
    ['__metadata__ has the key "x" twice', fileOf('{"__metadata__":{"x":"1","x":"2"}}')],
    ['expected a string', fileOf('{"__metadata__":{"x":1}}')],
    ['expected {', fileOf('{"__metadata__":[]}')],
    ['tensor "a" has an unknown field "strides"', fileOf('{"a":{"strides":[1]}}')],
    ['tensor "a" has the key "dtype" twice', fileOf('{"a":{"dtype":"U8","dtype":"U8"}}')],
    ['tensor "a" needs dtype, shape and data_offsets', fileOf('{"a":{"dtype":"U8","shape":[1]}}')],
    [
      'needs dtype, shape and data_offsets [begin, end]',
      fileOf('{"a":{"dtype":"U8","shape":[],"data_offsets":[0]}}'),
    ],
    [
      'tensor "a" has dtype "F8_E4M3"; supported are BOOL, U8',
      fileOf(`{"a":${entry('F8_E4M3', '[1]', 0, 1)}}`, 1),
    ],
    ['has dtype "constructor"', fileOf(`{"a":${entry('constructor', '[1]', 0, 1)}}`, 1)],
    ['expected a whole number in 0…2^53−1, got "-1"', fileOf(`{"a":${entry('U8', '[-1]', 0, 1)}}`, 1)],
    ['expected a whole number in 0…2^53−1, got "1.5"', fileOf(`{"a":${entry('U8', '[1.5]', 0, 1)}}`, 1)],
    ['expected a whole number in 0…2^53−1, got "1e3"', fileOf(`{"a":${entry('U8', '[1e3]', 0, 1)}}`, 1)],
    [
      'expected a whole number in 0…2^53−1, got "9007199254740992"',
      fileOf(`{"a":${entry('U8', '[9007199254740992]', 0, 1)}}`, 1),
    ],
    ['expected a whole number in 0…2^53−1, got "01"', fileOf(`{"a":${entry('U8', '[01]', 0, 1)}}`, 1)],
    ['expected a whole number in 0…2^53−1, got ""', fileOf(`{"a":${entry('U8', '["1"]', 0, 1)}}`, 1)],
    ['expected a whole number in 0…2^53−1, got ""', fileOf(`{"a":${entry('U8', '[[1]]', 0, 1)}}`, 1)],
    [
      'U8 [9007199254740991, 9007199254740991] takes',
      fileOf(`{"a":${entry('U8', '[9007199254740991,9007199254740991]', 0, 1)}}`, 1),
    ],
    [
      'tensor "a": F32 [1] takes 4 bytes, its data_offsets span 3',
      fileOf(`{"a":${entry('F32', '[1]', 0, 3)}}`, 3),
    ],
    [
      'tensor "a" at data_offsets [2, 1] ends before it begins',
      fileOf(`{"a":${entry('U8', '[1]', 2, 1)}}`, 2),
    ],
    [
      'tensor "a" at data_offsets [0, 5] ends behind the 4 bytes of data',
      fileOf(`{"a":${entry('U8', '[5]', 0, 5)}}`, 4),
    ],
    [
      'tensor "b" at data_offsets [1, 3] overlaps the tensor before it, which ends at 2',
      fileOf(`{"a":${entry('U8', '[2]', 0, 2)},"b":${entry('U8', '[2]', 1, 3)}}`, 3),
    ],
    [
      'tensor "b" at data_offsets [0, 2] overlaps',
      fileOf(`{"a":${entry('U8', '[2]', 0, 2)},"b":${entry('U8', '[2]', 0, 2)}}`, 2),
    ],
    [
      'tensor "a" at data_offsets [1, 2] leaves a hole behind 0',
      fileOf(`{"a":${entry('U8', '[1]', 1, 2)}}`, 2),
    ],
    ['1 bytes at the end belong to no tensor', fileOf(`{"a":${one}}`, 2)],
    ['3 bytes at the end belong to no tensor', fileOf('{}', 3)],
  ])('%s', (message, file) => {
    expect(() => readSafetensors(file)).toThrow(FormatError);
    expect(() => readSafetensors(file)).toThrow(message);
  });

  test('a header longer than maxHeaderBytes, before it is looked at', () => {
    const file = fileOf(' '.repeat(100));
    expect(() => readSafetensors(file, { maxHeaderBytes: 99 })).toThrow(
      'safetensors: the header has 100 bytes, more than 99; raise maxHeaderBytes',
    );
  });

  test('a million nested brackets, without a stack overflow', () => {
    for (const [open, close] of ['[]', '{}']) {
      const deep = open.repeat(1e6) + close.repeat(1e6);
      expect(() => readSafetensors(fileOf(deep))).toThrow(FormatError);
      expect(() => readSafetensors(fileOf(`{"a":${deep}}`))).toThrow(FormatError);
      expect(() => readSafetensors(fileOf(`{"a":{"shape":${deep}}}`))).toThrow(FormatError);
    }
  });

  test('a string of five million quotes and backslashes, without a stack overflow', () => {
    expect(readSafetensors(fileOf(`{"__metadata__":{"x":"${'\\"'.repeat(5e6)}"}}`)).metadata.x).toHaveLength(
      5e6,
    );
    expect(() => readSafetensors(fileOf(`{"${'\\\\'.repeat(5e6)}`))).toThrow('expected a string');
  });

  test(`${mutationCount} damaged files are read or refused`, async () => {
    const files = [
      writeSafetensors({
        a: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
        b: { shape: [0], data: new Int8Array() },
      }),
      writeSafetensors(
        { weight: { shape: [3], data: BigInt64Array.of(1n, 2n, 3n) } },
        { format: 'pt', epoch: '7' },
      ),
      fileOf('{}'),
    ];
    const { valid, refused } = await readMutations(files, (bytes) => {
      for (const { shape, data } of readSafetensors(bytes).tensors.values()) {
        expect(data.byteLength).toBeLessThanOrEqual(bytes.length);
        expect(data).toHaveLength(shape.reduce((product, side) => product * side, 1));
      }
    });
    expect(valid).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(valid);
  }, 600_000);
});
