export { type ByteSource, blobSource, byteSource, type FileSource } from './byte-source.js';
export { type Checkpoint, safetensorsCheckpoint } from './checkpoint.js';
export { chooseCheckpoint } from './checkpoint-files.js';
export { type OpenCheckpoint, openCheckpoint } from './open-checkpoint.js';
export { openSafetensors } from './open-safetensors.js';
export { pytorchCheckpoint } from './pytorch-checkpoint.js';
export {
  type ReadSafetensorsOptions,
  readSafetensors,
  type Safetensors,
  type SafetensorsDtype,
  type SafetensorsTensor,
} from './read-safetensors.js';
export { readWeight } from './read-weight.js';
export { toFloat16 } from './to-float16.js';
export { toFloat32 } from './to-float32.js';
export { type TensorToWrite, writeSafetensors } from './write-safetensors.js';
