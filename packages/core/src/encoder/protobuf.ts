const [VARINT, LENGTH_DELIMITED, FIXED32] = [0, 2, 5];

/** A whole number (int32, int64, enum); negative ones are ten bytes of two's complement, as for int64. */
export function integerField(field: number, value: number): Uint8Array[] {
  return [Uint8Array.from([...varint(field * 8 + VARINT), ...varint(value)])];
}

export function floatField(field: number, value: number): Uint8Array[] {
  const bytes = new Uint8Array(new Float32Array([value]).buffer);
  return [Uint8Array.from([...varint(field * 8 + FIXED32), ...bytes])];
}

export function textField(field: number, text: string): Uint8Array[] {
  return messageField(field, [new TextEncoder().encode(text)]);
}

/** A nested message, or bytes. */
export function messageField(field: number, parts: readonly Uint8Array[]): Uint8Array[] {
  return [Uint8Array.from([...varint(field * 8 + LENGTH_DELIMITED), ...varint(byteLength(parts))]), ...parts];
}

export function writeMessage(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(byteLength(parts));
  let next = 0;
  for (const part of parts) {
    bytes.set(part, next);
    next += part.length;
  }
  return bytes;
}

function byteLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((length, part) => length + part.length, 0);
}

/** Seven bits a byte, lowest first. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) + 128);
  bytes.push(Number(rest));
  return bytes;
}
