import { FormatError } from '../errors.js';
import type { ByteSource } from './byte-source.js';
import { type Checkpoint, missingWeight } from './checkpoint.js';
import { arrayOfDtype, type SafetensorsData } from './dtypes.js';
import { namedTensors } from './named-tensors.js';
import { readPickle } from './pickle.js';
import { pytorchGlobals } from './pytorch-globals.js';
import { inRowMajorOrder, type StoredTensor } from './stored-tensor.js';
import { toFloat32 } from './to-float32.js';
import { viewOrCopy } from './view-or-copy.js';
import { withoutModulePrefix } from './without-module-prefix.js';
import { ZipArchive } from './zip-archive.js';

/**
 * Opens what `torch.save` (PyTorch ≥ 1.6) or `torch.jit.save` wrote. Nothing in the file is ever executed: its pickle may
 * name tensors, storages and dictionaries, and is refused with whatever else it names.
 *
 * Of a training checkpoint, `{ epoch, optimizer, state_dict }`, only the weights are taken (`state_dict`,
 * `model_state_dict`, `model`), without the `module.` that parallel training puts in front. Other nested dictionaries,
 * lists and modules put their names in front, with dots. A lone tensor is called `tensor`.
 *
 * Reads the directory and the pickle now, and each weight when it is asked for. It keeps `source`, and does not close it.
 *
 * @throws {@link FormatError} when the file is damaged, hostile, or of an older or other format; also when a weight is read
 *   whose bytes are damaged.
 */
export async function pytorchCheckpoint(source: ByteSource): Promise<Checkpoint> {
  const zip = await ZipArchive.open(source);
  const folder = findFolder(zip);
  await assertLittleEndian(zip, folder);
  const isScript = zip.names.some((name) => name.startsWith(`${folder}code/`));
  const tensors = namedTensors(readPickle(await readPickleBytes(zip, folder), pytorchGlobals(isScript)));
  for (const [name, tensor] of tensors) assertStored(zip, folder, name, tensor);
  return withoutModulePrefix({
    shapes: new Map([...tensors].map(([name, { shape }]) => [name, shape])),
    async read(name) {
      const tensor = tensors.get(name);
      if (!tensor) throw missingWeight(tensors.keys(), name);
      return toFloat32({
        dtype: tensor.storage.dtype,
        data: inRowMajorOrder(tensor, await readExtent(zip, folder, tensor)),
      });
    },
  });
}

/** Pickles hold names and numbers only; the weights lie beside them. */
const maxPickleBytes = 8 * 1024 * 1024;

/** `<name of the file>/`, in which everything lies. */
function findFolder(zip: ZipArchive): string {
  const pickles = zip.names.filter((name) => /^([^/]+\/)?data\.pkl$/.test(name));
  if (pickles.length !== 1) {
    const some = zip.names.slice(0, 5).join(', ');
    throw malformed(
      `the zip file has ${pickles.length || 'no'} data.pkl (it holds ${some}, …)`,
      savedByPytorch,
    );
  }
  return pickles[0].slice(0, -'data.pkl'.length);
}

const savedByPytorch = 'give a file that torch.save or torch.jit.save of PyTorch ≥ 1.6 wrote';

async function assertLittleEndian(zip: ZipArchive, folder: string): Promise<void> {
  const name = `${folder}byteorder`;
  if ((zip.size(name) ?? 100) > 10) return; // absent before PyTorch 2.1
  const order = new TextDecoder().decode(await zip.read(name));
  if (order !== 'little')
    throw malformed(`its numbers are stored as ${JSON.stringify(order)}`, 'save it as little');
}

async function readPickleBytes(zip: ZipArchive, folder: string): Promise<Uint8Array> {
  const size = zip.size(`${folder}data.pkl`) ?? 0;
  if (size > maxPickleBytes) throw malformed(`its pickle has ${size} bytes, more than ${maxPickleBytes}`);
  return zip.read(`${folder}data.pkl`);
}

function assertStored(zip: ZipArchive, folder: string, name: string, { storage }: StoredTensor): void {
  const wanted = storage.length * arrayOfDtype[storage.dtype].BYTES_PER_ELEMENT;
  const size = zip.size(`${folder}data/${storage.key}`) ?? 0;
  if (size < wanted) {
    const what = `the storage of ${JSON.stringify(name)} should have ${wanted} bytes, the file has ${size}`;
    throw malformed(what, 'the file is incomplete: download or copy it again');
  }
}

async function readExtent(zip: ZipArchive, folder: string, tensor: StoredTensor): Promise<SafetensorsData> {
  const { storage, offset, extent } = tensor;
  const ArrayType = arrayOfDtype[storage.dtype];
  const start = offset * ArrayType.BYTES_PER_ELEMENT;
  const end = start + extent * ArrayType.BYTES_PER_ELEMENT;
  return viewOrCopy(ArrayType, await zip.read(`${folder}data/${storage.key}`, start, end), 0, end - start);
}

function malformed(problem: string, hint?: string): FormatError {
  return new FormatError('PyTorch checkpoint', problem, hint);
}
