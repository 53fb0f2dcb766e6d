import { describe, expect, test } from 'vitest';
import { FormatError } from '../errors.js';
import { pickled } from '../testing/pickle.fixture.js';
import { PickleGlobal, type PickleGlobals, readPickle } from './pickle.js';

const { bytes, dictionary, file, global, integer, list, long, reduce, text, tuple } = pickled;

const globals: PickleGlobals = {
  find: (name) => {
    if (name === 'os.system') throw new FormatError('test', 'not allowed');
    return new PickleGlobal(name, (args) => [name, ...args]);
  },
  outside: (id) => ({ id }),
};

const read = (value: Uint8Array): unknown => readPickle(file(value), globals);

// pickle.dumps(value, protocol=…) of Python 3.11 for value = {'a': [1, -2, 300, 70000, 1.5, None, True, False, 2**70,
// -2**40], 'b': [(), ('x',), ('x', 2), ('x', 2, 3), ('x', 2, 3, 'é')], 7: None, 'same': [q, q]} with q = ['q'].
// biome-ignore format: one line each
const fromPython: [protocol: number, base64: string][] = [
  [2, 'gAJ9cQAoWAEAAABhcQFdcQIoSwFK/v///00sAUpwEQEARz/4AAAAAAAAToiJigkAAAAAAAAAAECKBgAAAAAA/2VYAQAAAGJxA11xBCgpWAEAAAB4cQWFcQZoBUsChnEHaAVLAksDh3EIKGgFSwJLA1gCAAAAw6lxCXRxCmVLB05YBAAAAHNhbWVxC11xDChdcQ1YAQAAAHFxDmFoDWV1Lg=='],
  [3, 'gAN9cQAoWAEAAABhcQFdcQIoSwFK/v///00sAUpwEQEARz/4AAAAAAAAToiJigkAAAAAAAAAAECKBgAAAAAA/2VYAQAAAGJxA11xBCgpWAEAAAB4cQWFcQZoBUsChnEHaAVLAksDh3EIKGgFSwJLA1gCAAAAw6lxCXRxCmVLB05YBAAAAHNhbWVxC11xDChdcQ1YAQAAAHFxDmFoDWV1Lg=='],
  [4, 'gASVfQAAAAAAAAB9lCiMAWGUXZQoSwFK/v///00sAUpwEQEARz/4AAAAAAAAToiJigkAAAAAAAAAAECKBgAAAAAA/2WMAWKUXZQoKYwBeJSFlGgFSwKGlGgFSwJLA4eUKGgFSwJLA4wCw6mUdJRlSwdOjARzYW1llF2UKF2UjAFxlGFoDWV1Lg=='],
  [5, 'gAWVfQAAAAAAAAB9lCiMAWGUXZQoSwFK/v///00sAUpwEQEARz/4AAAAAAAAToiJigkAAAAAAAAAAECKBgAAAAAA/2WMAWKUXZQoKYwBeJSFlGgFSwKGlGgFSwJLA4eUKGgFSwJLA4wCw6mUdJRlSwdOjARzYW1llF2UKF2UjAFxlGFoDWV1Lg=='],
];

test.each(fromPython)('protocol %i of Python comes as its values', (_, base64) => {
  const value = readPickle(Buffer.from(base64, 'base64'), globals) as Map<unknown, unknown>;
  expect([...value.keys()]).toEqual(['a', 'b', 7, 'same']);
  expect(value.get('a')).toEqual([1, -2, 300, 70000, 1.5, null, true, false, 2n ** 70n, -(2 ** 40)]);
  expect(value.get('b')).toEqual([[], ['x'], ['x', 2], ['x', 2, 3], ['x', 2, 3, 'é']]);
  expect(value.get(7)).toBeNull();
  const [first, second] = value.get('same') as string[][];
  expect(first).toEqual(['q']);
  expect(second).toBe(first);
});

test('bytes and globals of protocol 4', () => {
  expect(readPickle(Buffer.from('gASVBgAAAAAAAABDAgD/lC4=', 'base64'), globals)).toEqual(
    Uint8Array.of(0, 255),
  );
  expect(
    readPickle(Buffer.from('gASVHwAAAAAAAACMC2NvbGxlY3Rpb25zlIwLT3JkZXJlZERpY3SUk5Qu', 'base64'), globals),
  ).toMatchObject({
    name: 'collections.OrderedDict',
  });
});

test('what is called, and what lies outside, is for the caller to say', () => {
  expect(read(reduce(global('a.b', 'c'), integer(1)))).toEqual(['a.b.c', 1]);
  expect(read(bytes(text('key'), 0x51))).toEqual({ id: 'key' });
});

test('dictionaries are Maps, in which every name is only a name', () => {
  const value = read(dictionary({ ['__proto__']: integer(1), constructor: long(-3n) }));
  expect(value).toEqual(
    new Map([
      ['__proto__', 1],
      ['constructor', -3],
    ]),
  );
});

describe('refused are', () => {
  test.each<[message: string, value: Uint8Array]>([
    ['test: not allowed', reduce(global('os', 'system'), text('touch evil'))],
    ['a call of something that is no function', reduce(text('os.system'), text('x'))],
    ['a call of something that is no function', bytes(global('a', 'b'), tuple(), 0x81)],
    ['a call of a.b without its arguments', bytes(global('a', 'b'), integer(1), 0x52)],
    ['a state for something without one', bytes(list(), list(), 0x62)],
    ['a state for something without one', bytes(global('a', 'b'), dictionary({}), 0x62)],
    ['a global without a name', bytes(text('a'), integer(1), 0x93)],
    ['an item for something that is no list', bytes(text('a'), integer(1), 0x61)],
    ['an item for something that is no dictionary', bytes(list(), integer(1), integer(1), 0x73)],
    ['a key without a value', bytes(dictionary({}), 0x28, integer(1), 0x75)],
    ['value 7 is wanted before it is there', bytes(0x68, 7)],
    ['a value is missing', bytes(0x30)],
    ['a value is missing', bytes(0x86)],
    ['a mark is missing', bytes(0x74)],
    ['it ends in the middle of a value', bytes(0x28)],
    ['it ends in the middle of a value', bytes(integer(1), integer(2))],
    ['opcode 0x69 is not supported', bytes(0x69)], // INST, which calls
    ['opcode 0x6f is not supported', bytes(0x6f)], // OBJ, which calls
    ['opcode 0x82 is not supported', bytes(0x82, 1)], // EXT1, which looks up a registry
    ['a text is not UTF-8', bytes(0x8c, 1, 0xff)],
    ['it is cut off', bytes(0x63, text('no line feed'))],
    ['it is cut off', bytes(0x58, 0xff, 0xff, 0xff, 0xff)],
    ['it is cut off', bytes(0x8e, new Uint8Array(8).fill(0xff))],
    ['protocol 0, supported are 2 to 5', bytes(0x80, 0)],
  ])('%s', (message, value) => {
    expect(() => read(value)).toThrow(FormatError);
    expect(() => read(value)).toThrow(message);
  });

  test('pickles that are cut off, anywhere', () => {
    const whole = file(dictionary({ a: list(integer(1), text('x')), b: long(5n) }));
    for (let length = 0; length < whole.length; length++) {
      expect(() => readPickle(whole.subarray(0, length), globals), `${length} bytes`).toThrow(FormatError);
    }
  });
});
