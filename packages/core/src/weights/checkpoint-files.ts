import { FormatError } from '../errors.js';

/** Names that the makers of CLIP models give their weights, the best first: safetensors before pickles. */
const usualNames = [
  'open_clip_model.safetensors',
  'model.safetensors',
  'model.safetensors.index.json',
  'open_clip_pytorch_model.bin',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
];

/** Whether a file lists the parts of a checkpoint that is in several. */
export function isShardIndex(name: string): boolean {
  return name.endsWith('.index.json');
}

/**
 * The file of a model's weights among its files: one of the usual names, or the only file that can be one.
 *
 * @throws {@link FormatError} when there is none, or several; the message lists what was found.
 */
export function chooseCheckpoint(names: readonly string[]): string {
  const usual = usualNames.find((name) => names.includes(name));
  if (usual) return usual;
  const top = names.filter((name) => !name.includes('/'));
  for (const ending of [/\.safetensors$/, /\.(pt|pth|bin|ckpt)$/]) {
    const candidates = top.filter((name) => ending.test(name));
    if (candidates.length === 1) return candidates[0];
    if (candidates.length > 1) throw unclear(`several files can be the weights: ${some(candidates)}`);
  }
  throw unclear(`no file looks like weights; there are ${some(names) || 'no files at all'}`);
}

function some(names: readonly string[]): string {
  return names.slice(0, 10).join(', ') + (names.length > 10 ? ', …' : '');
}

function unclear(problem: string): FormatError {
  return new FormatError('checkpoint', problem, 'name the file to open');
}
