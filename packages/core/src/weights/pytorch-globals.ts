import { FormatError } from '../errors.js';
import type { SafetensorsDtype } from './dtypes.js';
import { PickleGlobal, type PickleGlobals, type PickleObject, type PickleValue } from './pickle.js';
import { type Storage, StoredTensor } from './stored-tensor.js';

/** A module of a TorchScript archive: its attributes are parameters, buffers, submodules and settings. */
export class ScriptModule implements PickleObject {
  attributes: ReadonlyMap<PickleValue, PickleValue> = new Map();

  setState(state: PickleValue): void {
    if (!(state instanceof Map)) throw malformed('a module has a state that is no dictionary');
    this.attributes = state;
  }
}

/**
 * What the pickle of a PyTorch checkpoint may name: tensors, their storages, ordered dictionaries, a few settings, and the
 * classes of a TorchScript archive as plain {@link ScriptModule}s. Everything else throws.
 *
 * @param isScript - Whether the archive brings classes of its own, as TorchScript ones do. Their code is not read.
 */
export function pytorchGlobals(isScript: boolean): PickleGlobals {
  return {
    find(name) {
      const known = functions.get(name);
      if (known) return known;
      if (storageDtype(name) || settings.test(name)) return new PickleGlobal(name, () => refuseCall(name));
      if (isScript && /^__torch__(\.\w+)+$/.test(name))
        return new PickleGlobal(name, () => new ScriptModule(), true);
      const what = `it refers to ${JSON.stringify(name.slice(0, 200))}, which could run code and is never looked up`;
      throw malformed(
        what,
        'if you trust its maker, save the weights alone: torch.save(model.state_dict(), path)',
      );
    },
    outside: readStorage,
  };
}

const functions: ReadonlyMap<string, PickleGlobal> = new Map(
  Object.entries({
    'collections.OrderedDict': orderedDictionary,
    'torch._utils._rebuild_tensor': rebuildTensor,
    'torch._utils._rebuild_tensor_v2': rebuildTensor,
    'torch._utils._rebuild_parameter': first,
    'torch._utils._rebuild_parameter_with_state': first,
    'torch.Size': first,
    'torch.device': first,
    'torch.jit._pickle.build_intlist': first,
    'torch.jit._pickle.build_doublelist': first,
    'torch.jit._pickle.build_boollist': first,
    'torch.jit._pickle.build_tensorlist': first,
    'torch.jit._pickle.restore_type_tag': first,
  }).map(([name, call]) => [name, new PickleGlobal(name, call)]),
);

const settings =
  /^torch\.(float16|float32|float64|bfloat16|u?int(8|16|32|64)|bool|contiguous_format|channels_last|strided)$/;

const storageDtypes: Readonly<Record<string, SafetensorsDtype>> = {
  Float: 'F32',
  Double: 'F64',
  Half: 'F16',
  BFloat16: 'BF16',
  Long: 'I64',
  Int: 'I32',
  Short: 'I16',
  Char: 'I8',
  Byte: 'U8',
  Bool: 'BOOL',
};

function storageDtype(name: string): SafetensorsDtype | undefined {
  const kind = /^torch\.(\w+)Storage$/.exec(name)?.[1] ?? '';
  return Object.hasOwn(storageDtypes, kind) ? storageDtypes[kind] : undefined;
}

/** `('storage', torch.FloatStorage, key, device, length)`; the device does not matter here. */
function readStorage(id: PickleValue): Storage {
  const [tag, type, key, , length] = Array.isArray(id) ? id : [];
  const dtype = type instanceof PickleGlobal ? storageDtype(type.name) : undefined;
  if (tag !== 'storage' || typeof key !== 'string' || !dtype || !isCount(length)) {
    throw malformed('a storage is not described by its kind, name and length');
  }
  return { key, dtype, length };
}

/** `(storage, offset, shape, strides, …)`; what follows concerns gradients. */
function rebuildTensor([storage, offset, shape, strides]: readonly PickleValue[]): StoredTensor {
  if (!isStorage(storage) || !isCount(offset) || !isCounts(shape) || !isCounts(strides)) {
    throw malformed('a tensor is not described by its storage, offset, shape and strides');
  }
  return new StoredTensor(storage, offset, [...shape], [...strides]); // the pickle may change its lists later
}

/** Its items follow as those of a dictionary do; a list of pairs could be shared, and grow a small file without end. */
function orderedDictionary(args: readonly PickleValue[]): Map<PickleValue, PickleValue> {
  if (args.length > 0) throw malformed('an OrderedDict is made in a way that torch.save does not use');
  return new Map();
}

/** For those that give what they are given, as far as a reader of weights is concerned. */
function first([value]: readonly PickleValue[]): PickleValue {
  return value;
}

function refuseCall(name: string): never {
  throw malformed(`it calls ${name}, which is no function`);
}

function isStorage(value: PickleValue): value is Storage {
  return (
    typeof value === 'object' && value !== null && 'dtype' in value && 'key' in value && 'length' in value
  );
}

function isCount(value: PickleValue): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: PickleValue): value is readonly number[] {
  return Array.isArray(value) && value.length <= 64 && value.every(isCount);
}

function malformed(problem: string, hint?: string): FormatError {
  return new FormatError('PyTorch checkpoint', problem, hint);
}
