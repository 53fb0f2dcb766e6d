import { FormatError } from './errors.js';

/**
 * Inflates a zlib stream (RFC 1950, 1951) whose decoded size is known. A library's inflate returns whatever the stream
 * holds, and a megabyte may hold a gigabyte; this one takes `size` bytes of memory and stops when they are full.
 *
 * @throws {@link FormatError} when the stream is malformed, or holds more or fewer bytes.
 */
export function inflateZlib(stream: Uint8Array, size: number): Uint8Array {
  assertPossible(stream, size);
  const bits = new BitReader(stream);
  const [method, flags] = [bits.take(8), bits.take(8)];
  if ((method & 0x0f) !== 8 || (method * 256 + flags) % 31 !== 0 || flags & 0x20) {
    throw corrupt('it does not start as a zlib stream');
  }
  const output = inflateBlocks(bits, size);
  bits.alignToByte();
  const checksum = bits.take(16) + bits.take(16) * 65536;
  if (swapBytes(checksum) !== adler32(output)) throw corrupt('its checksum does not match');
  return output;
}

/** Like {@link inflateZlib} for a bare deflate stream (RFC 1951), which has neither header nor checksum. */
export function inflateRaw(stream: Uint8Array, size: number): Uint8Array {
  assertPossible(stream, size);
  return inflateBlocks(new BitReader(stream), size);
}

/** Deflate's densest code is two bits for 258 bytes: a lie about the size shows before memory is taken. */
function assertPossible(stream: Uint8Array, size: number): void {
  if (size > stream.length * 1032) throw corrupt(`${stream.length} bytes cannot hold ${size}`);
}

function inflateBlocks(bits: BitReader, size: number): Uint8Array {
  const output = new Uint8Array(size);
  let at = 0;
  let fixedCodes: [literals: Code, distances: Code] | undefined;
  let isLast = false;
  while (!isLast) {
    isLast = bits.take(1) === 1;
    const kind = bits.take(2);
    if (kind === 0) at = copyStored(bits, output, at);
    else if (kind === 2) at = copyCoded(bits, output, at, ...readCodes(bits));
    else if (kind === 1) {
      fixedCodes ??= buildFixedCodes();
      at = copyCoded(bits, output, at, ...fixedCodes);
    } else throw corrupt('a block of unknown kind');
  }
  if (at < size) throw corrupt(`it ends after ${at} of ${size} bytes`);
  return output;
}

/** Bits of a stream, lowest first. */
class BitReader {
  /** The stream and some zero bytes, so that looking ahead needs no check. */
  readonly bytes: Uint8Array;
  position = 0;
  /** Bits taken from `bytes` and not used yet, `held` of them. */
  hold = 0;
  held = 0;

  constructor(stream: Uint8Array) {
    this.bytes = new Uint8Array(stream.length + PADDING);
    this.bytes.set(stream);
  }

  /** Takes 0 to 16 bits. */
  take(count: number): number {
    while (this.held < count) {
      this.hold |= this.bytes[this.position++] << this.held;
      this.held += 8;
    }
    const value = this.hold & ((1 << count) - 1);
    this.hold >>>= count;
    this.held -= count;
    this.assertInside();
    return value;
  }

  alignToByte(): void {
    this.take(this.held & 7);
  }

  assertInside(): void {
    if (this.position - (this.held >> 3) > this.bytes.length - PADDING) throw corrupt('it ends too early');
  }
}

const PADDING = 8;

function copyStored(bits: BitReader, output: Uint8Array, at: number): number {
  bits.alignToByte();
  const length = bits.take(16);
  if ((bits.take(16) ^ 0xffff) !== length) throw corrupt('a stored block has two different lengths');
  const start = bits.position - (bits.held >> 3);
  if (start + length > bits.bytes.length - PADDING) throw corrupt('it ends too early');
  if (at + length > output.length) throw corrupt(`it holds more than ${output.length} bytes`);
  output.set(bits.bytes.subarray(start, start + length), at);
  bits.position = start + length;
  bits.hold = 0;
  bits.held = 0;
  return at + length;
}

/** A prefix code: the next `longest` bits are an index into `entries`, which holds symbol·16 + bits to drop, or 0. */
interface Code {
  readonly entries: Uint16Array;
  readonly longest: number;
}

function copyCoded(
  bits: BitReader,
  output: Uint8Array,
  start: number,
  literals: Code,
  distances: Code,
): number {
  const { bytes } = bits;
  const literalMask = (1 << literals.longest) - 1;
  const distanceMask = (1 << distances.longest) - 1;
  let at = start;
  let { position, hold, held } = bits;
  while (true) {
    while (held <= 24) {
      hold |= bytes[position++] << held;
      held += 8;
    }
    if (position > bytes.length) throw corrupt('it ends too early');
    const entry = literals.entries[hold & literalMask];
    if (entry === 0) throw corrupt('a code word that stands for nothing');
    hold >>>= entry & 15;
    held -= entry & 15;
    const symbol = entry >> 4;
    if (symbol === END_OF_BLOCK) break;
    if (symbol < END_OF_BLOCK) {
      if (at === output.length) throw corrupt(`it holds more than ${output.length} bytes`);
      output[at++] = symbol;
      continue;
    }

    const lengthIndex = symbol - END_OF_BLOCK - 1;
    if (lengthIndex >= LENGTH_BASE.length) throw corrupt('a length that does not exist');
    const lengthExtra = LENGTH_EXTRA[lengthIndex];
    const length = LENGTH_BASE[lengthIndex] + (hold & ((1 << lengthExtra) - 1));
    hold >>>= lengthExtra;
    held -= lengthExtra;
    while (held <= 24) {
      hold |= bytes[position++] << held;
      held += 8;
    }
    const distanceEntry = distances.entries[hold & distanceMask];
    const distanceIndex = distanceEntry >> 4;
    if (distanceEntry === 0 || distanceIndex >= DISTANCE_BASE.length)
      throw corrupt('a distance that does not exist');
    hold >>>= distanceEntry & 15;
    held -= distanceEntry & 15;
    const distanceExtra = DISTANCE_EXTRA[distanceIndex];
    while (held < distanceExtra) {
      hold |= bytes[position++] << held;
      held += 8;
    }
    const distance = DISTANCE_BASE[distanceIndex] + (hold & ((1 << distanceExtra) - 1));
    hold >>>= distanceExtra;
    held -= distanceExtra;

    if (distance > at) throw corrupt('a distance reaches before the start');
    const end = at + length;
    if (end > output.length) throw corrupt(`it holds more than ${output.length} bytes`);
    for (let from = at - distance; at < end; at++, from++) output[at] = output[from];
  }
  bits.position = position;
  bits.hold = hold;
  bits.held = held;
  bits.assertInside();
  return at;
}

const END_OF_BLOCK = 256;
// biome-ignore format: tables of RFC 1951, section 3.2.5
const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
// biome-ignore format: see above
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
// biome-ignore format: see above
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];
// biome-ignore format: see above
const DISTANCE_EXTRA = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** The two codes of a block that brings none (RFC 1951, section 3.2.6). */
function buildFixedCodes(): [literals: Code, distances: Code] {
  const lengths = new Uint8Array(288).fill(8);
  lengths.fill(9, 144, 256);
  lengths.fill(7, 256, 280);
  return [buildCode(lengths), buildCode(new Uint8Array(32).fill(5))];
}

/** The two codes of a block that brings its own (RFC 1951, section 3.2.7). */
function readCodes(bits: BitReader): [literals: Code, distances: Code] {
  const literalCount = bits.take(5) + 257;
  const distanceCount = bits.take(5) + 1;
  const codeLengthCount = bits.take(4) + 4;
  const codeLengths = new Uint8Array(19);
  for (let i = 0; i < codeLengthCount; i++) codeLengths[CODE_LENGTH_ORDER[i]] = bits.take(3);
  const { entries, longest } = buildCode(codeLengths);

  const lengths = new Uint8Array(literalCount + distanceCount);
  let at = 0;
  while (at < lengths.length) {
    while (bits.held < 16) {
      bits.hold |= bits.bytes[bits.position++] << bits.held;
      bits.held += 8;
    }
    const entry = entries[bits.hold & ((1 << longest) - 1)];
    if (entry === 0) throw corrupt('a code word that stands for nothing');
    bits.take(entry & 15);
    const symbol = entry >> 4;
    if (symbol < 16) {
      lengths[at++] = symbol;
      continue;
    }
    if (symbol === 16 && at === 0) throw corrupt('a code length repeats nothing');
    const value = symbol === 16 ? lengths[at - 1] : 0;
    const end =
      at + (symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7));
    if (end > lengths.length) throw corrupt('too many code lengths');
    lengths.fill(value, at, end);
    at = end;
  }
  return [buildCode(lengths.subarray(0, literalCount)), buildCode(lengths.subarray(literalCount))];
}

/** The canonical prefix code with these lengths (RFC 1951, section 3.2.2); length 0 is an unused symbol. */
function buildCode(lengths: Uint8Array): Code {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length]++;
  let longest = 15;
  while (longest > 1 && counts[longest] === 0) longest--;
  const next = new Uint16Array(16);
  let code = 0;
  counts[0] = 0;
  for (let length = 1; length <= longest; length++) {
    code = (code + counts[length - 1]) << 1;
    next[length] = code;
    if (code + counts[length] > 1 << length) throw corrupt('a code with too many words');
  }
  const entries = new Uint16Array(1 << longest);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol];
    if (length === 0) continue;
    const entry = symbol * 16 + length;
    const step = 1 << length;
    for (let i = reverseBits(next[length]++, length); i < entries.length; i += step) entries[i] = entry;
  }
  return { entries, longest };
}

/** Code words are written highest bit first, everything else lowest bit first. */
function reverseBits(value: number, count: number): number {
  let reversed = 0;
  for (let i = 0; i < count; i++) reversed = (reversed << 1) | ((value >> i) & 1);
  return reversed;
}

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  let at = 0;
  while (at < bytes.length) {
    // 3800 bytes keep both sums below 2^31.
    const end = Math.min(at + 3800, bytes.length);
    for (; at < end; at++) {
      a += bytes[at];
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return b * 65536 + a;
}

function swapBytes(word: number): number {
  return (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

function corrupt(problem: string): FormatError {
  return new FormatError('deflate', `the compressed data is corrupt: ${problem}`);
}
