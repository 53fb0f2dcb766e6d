/**
 * CRC-32 as zip and PNG use it (ISO 3309, reversed polynomial 0xEDB88320).
 *
 * @param crc - What came before, for bytes that arrive in pieces. @defaultValue 0, nothing
 */
export function crc32(bytes: Uint8Array, crc = 0): number {
  const [t0, t1, t2, t3] = tables();
  let state = ~crc;
  let at = 0;
  // Four bytes at a time: their four look-ups do not wait for each other.
  for (const end = bytes.length - 3; at < end; at += 4) {
    state ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    state = t3[state & 255] ^ t2[(state >>> 8) & 255] ^ t1[(state >>> 16) & 255] ^ t0[state >>> 24];
  }
  for (; at < bytes.length; at++) state = (state >>> 8) ^ t0[(state ^ bytes[at]) & 255];
  return ~state >>> 0;
}

type Tables = [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
let made: Tables | undefined;

/** Table k holds the state after a byte that k zero bytes follow. */
function tables(): Tables {
  if (made) return made;
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let state = byte;
    for (let bit = 0; bit < 8; bit++) state = (state >>> 1) ^ (state & 1 ? 0xedb88320 : 0);
    return state;
  });
  const next = (table: Uint32Array) => table.map((state) => (state >>> 8) ^ first[state & 255]);
  const [second, third] = [next(first), next(next(first))];
  made = [first, second, third, next(third)];
  return made;
}
