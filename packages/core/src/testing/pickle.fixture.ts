/** Pickles written by hand, as the byte codes of protocol 2 to 4. */
export const pickled = {
  bytes: (...parts: (number | Uint8Array)[]): Uint8Array =>
    Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part]))),
  /** A whole pickle around a value. */
  file: (value: Uint8Array): Uint8Array => pickled.bytes(0x80, 2, value, 0x2e),
  text(value: string): Uint8Array {
    const bytes = new TextEncoder().encode(value);
    return pickled.bytes(0x58, word(bytes.length), bytes);
  },
  integer: (value: number): Uint8Array => pickled.bytes(0x4a, word(value)),
  /** A signed integer of 8 bytes. */
  long(value: bigint): Uint8Array {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, value, true);
    return pickled.bytes(0x8a, 8, bytes);
  },
  tuple: (...items: Uint8Array[]): Uint8Array => pickled.bytes(0x28, ...items, 0x74),
  list: (...items: Uint8Array[]): Uint8Array => pickled.bytes(0x5d, 0x28, ...items, 0x65),
  dictionary: (items: Record<string, Uint8Array>): Uint8Array =>
    pickled.bytes(
      0x7d,
      0x28,
      ...Object.entries(items).flatMap(([key, item]) => [pickled.text(key), item]),
      0x75,
    ),
  global: (module: string, name: string): Uint8Array =>
    pickled.bytes(0x63, new TextEncoder().encode(`${module}\n${name}\n`)),
  /** A call: what the hostile ones do. */
  reduce: (callee: Uint8Array, ...args: Uint8Array[]): Uint8Array =>
    pickled.bytes(callee, pickled.tuple(...args), 0x52),
  none: Uint8Array.of(0x4e),
  no: Uint8Array.of(0x89),
  storage: (key: string, length: number, kind = 'Float'): Uint8Array =>
    pickled.bytes(
      pickled.tuple(
        pickled.text('storage'),
        pickled.global('torch', `${kind}Storage`),
        pickled.text(key),
        pickled.text('cpu'),
        pickled.integer(length),
      ),
      0x51,
    ),
  tensor: (
    storage: Uint8Array,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
  ): Uint8Array =>
    pickled.reduce(
      pickled.global('torch._utils', '_rebuild_tensor_v2'),
      storage,
      pickled.integer(offset),
      pickled.tuple(...shape.map(pickled.integer)),
      pickled.tuple(...strides.map(pickled.integer)),
      pickled.no,
      pickled.reduce(pickled.global('collections', 'OrderedDict')),
    ),
};

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}
