/** Bytes of a message: already made, or made when the whole message is written, so that weights are in memory once. */
export type Part = Uint8Array | { readonly length: number; fill(target: Uint8Array): Promise<void> };

const [VARINT, LENGTH_DELIMITED, FIXED32] = [0, 2, 5];

/** A number ≥ 0 (int32, int64, enum). */
export function integerField(field: number, value: number): Part[] {
  return [Uint8Array.from([...varint(field * 8 + VARINT), ...varint(value)])];
}

export function floatField(field: number, value: number): Part[] {
  const bytes = new Uint8Array(new Float32Array([value]).buffer);
  return [Uint8Array.from([...varint(field * 8 + FIXED32), ...bytes])];
}

export function textField(field: number, text: string): Part[] {
  return messageField(field, [new TextEncoder().encode(text)]);
}

/** A nested message, or bytes. */
export function messageField(field: number, parts: readonly Part[]): Part[] {
  return [Uint8Array.from([...varint(field * 8 + LENGTH_DELIMITED), ...varint(byteLength(parts))]), ...parts];
}

/** Writes a message; parts that are made late are made one after another. */
export async function writeMessage(parts: readonly Part[]): Promise<Uint8Array> {
  const bytes = new Uint8Array(byteLength(parts));
  let next = 0;
  for (const part of parts) {
    const target = bytes.subarray(next, next + part.length);
    if (part instanceof Uint8Array) target.set(part);
    else await part.fill(target);
    next += part.length;
  }
  return bytes;
}

function byteLength(parts: readonly Part[]): number {
  return parts.reduce((length, part) => length + part.length, 0);
}

/** Seven bits a byte, lowest first. By division: lengths beyond 2³¹ occur. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return bytes;
}
