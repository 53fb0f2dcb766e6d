import { ArgumentError, ShapeError } from '../errors.js';
import { arrayOfDtype, isDtype, type SafetensorsData, type SafetensorsDtype } from './dtypes.js';

/** A tensor for {@link writeSafetensors}; what {@link readSafetensors} returns will do. */
export interface TensorToWrite {
  /** Needed for BOOL, F16 and BF16 only; the others follow from the kind of array. */
  readonly dtype?: SafetensorsDtype;
  readonly shape: readonly number[];
  /** Row-major elements. */
  readonly data: SafetensorsData;
}

/**
 * Writes a safetensors file. Equal content gives equal bytes: tensors are ordered by element size, largest first, then
 * by name, so that each is aligned; metadata by name; the header is padded to 8 bytes.
 *
 * @throws {@link ShapeError} when a shape and its data disagree, {@link ArgumentError} for a dtype that does not fit the
 *   array and for the reserved name `__metadata__`.
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, TensorToWrite>> | ReadonlyMap<string, TensorToWrite>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const named =
    tensors instanceof Map ? [...tensors] : Object.entries(tensors as Record<string, TensorToWrite>);
  const ordered = named
    .map(([name, tensor]) => checkTensor(name, tensor))
    .sort((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || compareText(a.name, b.name));

  const fields: string[] = [];
  const texts = Object.entries(metadata).sort(([a], [b]) => compareText(a, b));
  if (texts.length > 0) fields.push(`"__metadata__":${jsonObject(texts)}`);
  let end = 0;
  for (const { name, dtype, shape, data } of ordered) {
    const begin = end;
    end += data.byteLength;
    fields.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`);
  }
  const header = new TextEncoder().encode(`{${fields.join(',')}}`);
  const start = 8 + Math.ceil(header.length / 8) * 8;

  const file = new Uint8Array(start + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.fill(0x20, 8, start); // the padding is spaces
  file.set(header, 8);
  let at = start;
  for (const { data } of ordered) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

interface NamedTensor extends Required<TensorToWrite> {
  readonly name: string;
}

function checkTensor(name: string, { dtype, shape, data }: TensorToWrite): NamedTensor {
  const where = `writeSafetensors, tensor ${JSON.stringify(name)}`;
  if (name === '__metadata__')
    throw new ArgumentError(where, 'another name', name, 'pass metadata as metadata');
  const written = dtype ?? dtypeOf(data);
  if (written === undefined || !isDtype(written) || !(data instanceof arrayOfDtype[written])) {
    throw new ArgumentError(where, 'a typed array that its dtype can hold', data, `its dtype is ${dtype}`);
  }
  if (
    shape.reduce((product, side) => product * side, 1) !== data.length ||
    !shape.every((side) => Number.isSafeInteger(side) && side >= 0)
  ) {
    throw new ShapeError(where, `a shape of ${data.length} elements`, shape);
  }
  return { name, dtype: written, shape, data };
}

function dtypeOf(data: SafetensorsData): SafetensorsDtype | undefined {
  const plain = ['U8', 'I8', 'U16', 'I16', 'U32', 'I32', 'F32', 'U64', 'I64', 'F64'] as const;
  return plain.find((dtype) => data instanceof arrayOfDtype[dtype]);
}

/** Unlike JSON.stringify of an object, this keeps the order for names such as `10`. */
function jsonObject(texts: readonly (readonly [string, string])[]): string {
  return `{${texts.map(([name, text]) => `${JSON.stringify(name)}:${JSON.stringify(text)}`).join(',')}}`;
}

/** By UTF-16 code units: the same in every locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
