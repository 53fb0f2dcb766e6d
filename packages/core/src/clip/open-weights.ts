import { FormatError } from '../errors.js';
import type { FileSource } from '../weights/byte-source.js';
import { type Checkpoint, readSafetensors, safetensorsCheckpoint } from '../weights/index.js';

/** Opens the weights of a model's files; without a name, the only safetensors file there is. */
export async function openWeights(files: FileSource, name?: string): Promise<Checkpoint> {
  const candidates = files.names.filter((file) => file.endsWith('.safetensors'));
  const known = ['open_clip_model.safetensors', 'model.safetensors'].find((file) =>
    candidates.includes(file),
  );
  const chosen = name ?? known ?? (candidates.length === 1 ? candidates[0] : undefined);
  if (chosen === undefined) {
    throw new FormatError(
      'CLIP weights',
      `${candidates.length} safetensors files`,
      'say which one by weights',
    );
  }
  const source = await files.open(chosen);
  try {
    return safetensorsCheckpoint(readSafetensors(await source.read(0, source.size)));
  } finally {
    await source.close();
  }
}
