import type { arrayOfDtype, SafetensorsData } from './dtypes.js';

/** Elements in bytes `begin` up to `end`, little-endian: a view of `content` where the alignment allows, else a copy. */
export function viewOrCopy(
  ArrayType: (typeof arrayOfDtype)[keyof typeof arrayOfDtype],
  content: Uint8Array,
  begin: number,
  end: number,
): SafetensorsData {
  const count = (end - begin) / ArrayType.BYTES_PER_ELEMENT;
  const offset = content.byteOffset + begin;
  const { buffer } = content as Uint8Array<ArrayBuffer>;
  if (offset % ArrayType.BYTES_PER_ELEMENT === 0) return new ArrayType(buffer, offset, count);
  return new ArrayType(new Uint8Array(content.subarray(begin, end)).buffer, 0, count);
}
