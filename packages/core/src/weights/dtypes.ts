/** Element types of a safetensors file. */
export type SafetensorsDtype = keyof typeof arrayOfDtype;

/** A typed array that holds the elements of a tensor. */
export type SafetensorsData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** F16 and BF16 are kept as their bits: JavaScript on Node 20 has no arrays of them. */
export const arrayOfDtype = {
  BOOL: Uint8Array,
  U8: Uint8Array,
  I8: Int8Array,
  U16: Uint16Array,
  I16: Int16Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  U32: Uint32Array,
  I32: Int32Array,
  F32: Float32Array,
  U64: BigUint64Array,
  I64: BigInt64Array,
  F64: Float64Array,
} as const;

export function isDtype(name: string): name is SafetensorsDtype {
  return Object.hasOwn(arrayOfDtype, name);
}

/** One named tensor of a safetensors file. */
export interface SafetensorsTensor {
  readonly dtype: SafetensorsDtype;
  /** Empty for a scalar. */
  readonly shape: readonly number[];
  /** Row-major elements: BOOL as 0 and 1 in a Uint8Array, F16 and BF16 as their bits in a Uint16Array. */
  readonly data: SafetensorsData;
}
