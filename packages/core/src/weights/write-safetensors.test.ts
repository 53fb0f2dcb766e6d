import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../errors.js';
import { readSafetensors } from './read-safetensors.js';
import { type TensorToWrite, writeSafetensors } from './write-safetensors.js';

const tensor: fc.Arbitrary<TensorToWrite> = fc
  .oneof(
    fc.float32Array({ maxLength: 12 }).map((data) => ({ data })),
    fc.float64Array({ maxLength: 12 }).map((data) => ({ data })),
    fc.int8Array({ maxLength: 12 }).map((data) => ({ data })),
    fc.uint8Array({ maxLength: 12 }).map((data) => ({ data })),
    fc.int16Array({ maxLength: 12 }).map((data) => ({ data })),
    fc.uint16Array({ maxLength: 12 }).map((data) => ({ data })),
    fc.int32Array({ maxLength: 12 }).map((data) => ({ data })),
    fc.uint32Array({ maxLength: 12 }).map((data) => ({ data })),
    fc.bigInt64Array({ maxLength: 12 }).map((data) => ({ data })),
    fc.bigUint64Array({ maxLength: 12 }).map((data) => ({ data })),
    fc.uint16Array({ maxLength: 12 }).map((data) => ({ data, dtype: 'F16' as const })),
    fc.uint16Array({ maxLength: 12 }).map((data) => ({ data, dtype: 'BF16' as const })),
    fc.uint8Array({ maxLength: 12, max: 1 }).map((data) => ({ data, dtype: 'BOOL' as const })),
  )
  .map((value) => ({
    ...value,
    shape: value.data.length % 2 ? [value.data.length] : [2, value.data.length / 2],
  }));

/** Names of all sorts, those that mean something to JavaScript objects among them. */
const name = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('__proto__', 'constructor', '10', '2', 'é', '"', '\\', '\u0000'),
  )
  .filter((text) => text !== '__metadata__');

test('what is written is read again, whatever the names and kinds', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, tensor), { maxLength: 6 }),
      fc.array(fc.tuple(name, fc.string({ unit: 'binary' })), { maxLength: 3 }),
      (entries, texts) => {
        const tensors = new Map(entries);
        const metadata: Record<string, string> = Object.create(null);
        for (const [key, text] of texts) metadata[key] = text;
        const file = writeSafetensors(tensors, metadata);
        const read = readSafetensors(file);
        expect(new Set(read.tensors.keys())).toEqual(new Set(tensors.keys()));
        for (const [key, { data, shape, dtype }] of tensors) {
          expect(read.tensors.get(key)).toMatchObject({ shape, ...(dtype && { dtype }) });
          expect(read.tensors.get(key)?.data).toEqual(data);
        }
        expect(read.metadata).toEqual(metadata);
        expect(writeSafetensors(read.tensors, read.metadata)).toEqual(file);
      },
    ),
    { seed: 25 },
  );
});

test('a file is what the format says, byte for byte', () => {
  const file = writeSafetensors({ a: { shape: [2], data: Uint8Array.of(7, 9) } }, { note: 'x' });
  const header = '{"__metadata__":{"note":"x"},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}';
  const padded = header.padEnd(88);
  expect([...file.subarray(0, 8)]).toEqual([88, 0, 0, 0, 0, 0, 0, 0]);
  expect(new TextDecoder().decode(file.subarray(8, 96))).toBe(padded);
  expect([...file.subarray(96)]).toEqual([7, 9]);
});

test('equal content gives equal bytes, in whatever order it comes', () => {
  const a = { shape: [1], data: Float32Array.of(1) };
  const b = { shape: [3], data: Uint8Array.of(1, 2, 3) };
  const c = { shape: [], data: Float64Array.of(2) };
  const one = writeSafetensors({ a, b, c }, { x: '1', y: '2' });
  expect(writeSafetensors({ c, b, a }, { y: '2', x: '1' })).toEqual(one);
  expect([...readSafetensors(one).tensors.keys()]).toEqual(['c', 'a', 'b']); // largest elements first
});

test('every tensor is aligned, so reading copies nothing', () => {
  const file = writeSafetensors({
    bytes: { shape: [3], data: Uint8Array.of(1, 2, 3) },
    doubles: { shape: [1], data: Float64Array.of(1) },
    halves: { dtype: 'F16', shape: [1], data: Uint16Array.of(1) },
  });
  for (const { data } of readSafetensors(file).tensors.values()) expect(data.buffer).toBe(file.buffer);
});

test('a view into a larger buffer is written without the rest', () => {
  const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
  expect([
    ...(readSafetensors(writeSafetensors({ a: { shape: [2], data } })).tensors.get('a')?.data ?? []),
  ]).toEqual([2, 3]);
});

describe('refused are', () => {
  test('shapes that do not fit their data', () => {
    const data = new Float32Array(6);
    for (const shape of [[5], [2, 2], [-2, -3], [1.5, 4], []]) {
      expect(() => writeSafetensors({ a: { shape, data } })).toThrow(ShapeError);
    }
  });

  test('dtypes that do not fit their data', () => {
    const data = new Float32Array(1);
    expect(() => writeSafetensors({ a: { dtype: 'F16', shape: [1], data } })).toThrow(ArgumentError);
    expect(() => writeSafetensors({ a: { dtype: 'F99' as 'F32', shape: [1], data } })).toThrow(ArgumentError);
  });

  test('the name that the format keeps for itself', () => {
    expect(() => writeSafetensors({ __metadata__: { shape: [0], data: new Uint8Array(0) } })).toThrow(
      'pass metadata',
    );
  });
});
