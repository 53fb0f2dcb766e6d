import { arrayOfDtype, type SafetensorsTensor } from './dtypes.js';
import { readHeaderLength, readLayout } from './safetensors-layout.js';
import { viewOrCopy } from './view-or-copy.js';

export type { SafetensorsDtype, SafetensorsTensor } from './dtypes.js';

export interface ReadSafetensorsOptions {
  /** Headers longer than this are refused before they are looked at. @defaultValue 100 000 000, as upstream */
  maxHeaderBytes?: number;
}

/** What a safetensors file holds. */
export interface Safetensors {
  /** In the order of the header. */
  readonly tensors: Map<string, SafetensorsTensor>;
  /** The header's `__metadata__`; it has no prototype, so any name is only a name. */
  readonly metadata: Record<string, string>;
}

/**
 * Reads a safetensors file (https://huggingface.co/docs/safetensors, format). The file is not trusted: everything the
 * header says is checked against the bytes that are there before anything of that size is made.
 *
 * @param bytes - The whole file. The tensors are views of it where their alignment allows, and copies elsewhere.
 * @throws {@link FormatError} when the header is too long, is not the JSON the format asks for, names a tensor twice,
 *   or its tensors do not fill the rest of the file exactly.
 */
export function readSafetensors(bytes: Uint8Array, options: ReadSafetensorsOptions = {}): Safetensors {
  const { maxHeaderBytes = 100_000_000 } = options;
  const headerLength = readHeaderLength(bytes.subarray(0, 8), bytes.length, maxHeaderBytes);
  const content = bytes.subarray(8 + headerLength);
  const { places, metadata } = readLayout(bytes.subarray(8, 8 + headerLength), content.length);
  const tensors = new Map<string, SafetensorsTensor>();
  for (const [name, { dtype, shape, begin, end }] of places) {
    tensors.set(name, { dtype, shape, data: viewOrCopy(arrayOfDtype[dtype], content, begin, end) });
  }
  return { tensors, metadata };
}
