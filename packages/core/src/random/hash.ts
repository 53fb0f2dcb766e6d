/** 128 bits as four 32-bit words. */
export type Hash128 = readonly [number, number, number, number];

// The first fractional digits of π: nothing is hidden in them, and they are not all zero.
const START: Hash128 = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];

/**
 * Hash of a list of words, strings and numbers: a sponge that takes one 32-bit word at a time and stirs with ChaCha's
 * quarter round (RFC 8439, section 2.1). Every item carries its type and length, so no two different lists are
 * the same words: ('ab') and ('a', 'b'), (1) and ('1') differ. Not for security.
 */
export function hash128(parent: Hash128 | undefined, keys: readonly (string | number)[]): Hash128 {
  const state = [...START] as [number, number, number, number];
  for (const word of parent ?? []) absorb(state, word);
  for (const key of keys) absorbKey(state, key);
  absorb(state, keys.length);
  for (let round = 0; round < 8; round++) stir(state);
  return state;
}

function absorbKey(state: [number, number, number, number], key: string | number): void {
  if (typeof key === 'string') {
    absorb(state, 1);
    absorb(state, key.length);
    for (let i = 0; i < key.length; i++) absorb(state, key.charCodeAt(i));
  } else {
    const bits = new DataView(new ArrayBuffer(8));
    bits.setFloat64(0, key === 0 ? 0 : key); // −0 is the same key as 0
    absorb(state, 2);
    absorb(state, bits.getInt32(0));
    absorb(state, bits.getInt32(4));
  }
}

function absorb(state: [number, number, number, number], word: number): void {
  state[0] ^= word;
  stir(state);
  stir(state);
}

function stir(state: [number, number, number, number]): void {
  let [a, b, c, d] = state;
  a = (a + b) | 0;
  d = rotate(d ^ a, 16);
  c = (c + d) | 0;
  b = rotate(b ^ c, 12);
  a = (a + b) | 0;
  d = rotate(d ^ a, 8);
  c = (c + d) | 0;
  b = rotate(b ^ c, 7);
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
