import { ArgumentError, FormatError } from '@anomclip/core';
import type { Clip } from '@anomclip/core/clip';
import { type Checkpoint, readSafetensors, writeSafetensors } from '@anomclip/core/weights';
import type { HeadValues } from '../heads/weights.js';
import { type PointadConfig, pointadConfig } from './config.js';
import { createPointadDetector, type PointadDetector } from './detector.js';
import { type ClipParts, createPromptDetector, type PromptDetector } from './prompt-detector.js';

/** Of the file's layout. Rises when an older library would read a newer file wrongly. */
const VERSION = '1';

/**
 * All that a detector has learned, as its two texts: a safetensors file with `text` [2, D] and the configuration, 1536
 * numbers for ViT-L. It works with the CLIP it was fitted with and no other; no weight of CLIP is inside.
 */
export function savePointad({ text: { data, width }, config }: PointadDetector): Uint8Array {
  return writeSafetensors(
    { text: { shape: [2, width], data: data.slice() } },
    { kind: 'pointad', version: VERSION, config: JSON.stringify(config) },
  );
}

/**
 * A detector from what {@link savePointad} gave. Nothing in the file is trusted.
 *
 * @param clip - The CLIP it was fitted with; its vision tower is enough, and stays the caller's.
 * @throws {@link FormatError} when the file is anything else, {@link ArgumentError} when the model has other widths.
 */
export function loadPointad(bytes: Uint8Array, clip: Pick<Clip, 'vision' | 'config'>): PointadDetector {
  const { values, config } = readFile('pointad', bytes);
  const { text } = values;
  if (!text || Object.keys(values).length !== 1 || text.shape.length !== 2 || text.shape[0] !== 2) {
    throw new FormatError(
      FORMAT,
      `tensors are [${Object.keys(values).join(', ')}], wanted "text" [2, D] alone`,
    );
  }
  return createPointadDetector(clip, { data: text.data, width: text.shape[1] }, config);
}

/** The learned prompts, for other class names or further training: a safetensors file of `context.*` and `deep.*`. */
export function savePointadPrompts({ prompts, config }: PromptDetector): Uint8Array {
  return writeSafetensors(prompts, {
    kind: 'pointad-prompts',
    version: VERSION,
    config: JSON.stringify(config),
  });
}

/**
 * A detector from learned prompts: those of {@link savePointadPrompts}, or a `prompt_learner` checkpoint of the released
 * program, opened with `pytorchCheckpoint`.
 *
 * @param config - What a checkpoint does not say; only for checkpoints. @defaultValue the released preset
 * @throws {@link FormatError} when there are no such prompts, {@link ArgumentError} when they do not fit the text tower.
 */
export async function loadPointadPrompts(
  source: Uint8Array | Checkpoint,
  clip: ClipParts,
  { className, config }: { className?: string; config?: PointadConfig } = {},
): Promise<PromptDetector> {
  if (source instanceof Uint8Array) {
    if (config)
      throw new ArgumentError('loadPointadPrompts', 'no config beside a file that has its own', config);
    const file = readFile('pointad-prompts', source);
    return createPromptDetector(clip, checkPrompts(file.values), file.config, className);
  }
  const prompts = checkPrompts(await officialPrompts(source));
  return createPromptDetector(clip, prompts, config ?? pointadConfig({}, 'released'), className);
}

const FORMAT = 'PointAD detector';

/** The released program's names, and ours. */
const officialNames: readonly (readonly [pattern: RegExp, ours: string])[] = [
  [/^(?:.*\.)?ctx_pos$/, 'context.normal'],
  [/^(?:.*\.)?ctx_neg$/, 'context.anomalous'],
  [/^(?:.*\.)?compound_prompts_text\.(\d+)$/, 'deep.$1'],
];

/** Contexts are stored as [1, 1, E, W]; whatever has another name is not learned. */
async function officialPrompts(checkpoint: Checkpoint): Promise<HeadValues> {
  const values: HeadValues = {};
  for (const [name, shape] of checkpoint.shapes) {
    const match = officialNames.find(([pattern]) => pattern.test(name));
    if (!match) continue;
    values[name.replace(...match)] = { shape: shape.slice(-2), data: await checkpoint.read(name) };
  }
  return values;
}

function checkPrompts(values: HeadValues): HeadValues {
  const names = Object.keys(values);
  const { 'context.normal': normal, 'context.anomalous': anomalous } = values;
  if (!normal || !anomalous) {
    throw new FormatError(
      FORMAT,
      `the file holds [${names.join(', ')}], wanted the contexts of both prompts`,
    );
  }
  if (normal.shape.join() !== anomalous.shape.join() || normal.shape.length !== 2) {
    throw new FormatError(
      FORMAT,
      `the contexts are [${normal.shape}] and [${anomalous.shape}], wanted two alike [E, W]`,
    );
  }
  const deep = names.filter((name) => name.startsWith('deep.'));
  const expected = new Set(['context.normal', 'context.anomalous', ...deep.map((_, i) => `deep.${i}`)]);
  for (const name of names) {
    if (!expected.has(name))
      throw new FormatError(FORMAT, `${name} is not one of ${[...expected].join(', ')}`);
  }
  return values;
}

function readFile(kind: string, bytes: Uint8Array): { values: HeadValues; config: PointadConfig } {
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.kind !== kind || metadata.version !== VERSION) {
    const found = `kind ${JSON.stringify(metadata.kind)}, version ${JSON.stringify(metadata.version)}`;
    throw new FormatError(FORMAT, `the file has ${found}, wanted "${kind}", version "${VERSION}"`);
  }
  const values: HeadValues = {};
  for (const [name, { shape, data }] of tensors) {
    if (!(data instanceof Float32Array) || !data.every(Number.isFinite)) {
      throw new FormatError(FORMAT, `${name} does not hold finite float32 numbers`);
    }
    values[name] = { shape: [...shape], data: data.slice() };
  }
  return { values, config: readConfig(metadata.config) };
}

function readConfig(text: string | undefined): PointadConfig {
  try {
    const config: unknown = JSON.parse(text ?? '');
    if (typeof config === 'object' && config !== null) return pointadConfig(config);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof ArgumentError)) throw error;
    throw new FormatError(FORMAT, `its config cannot be used: ${error.message}`);
  }
  throw new FormatError(FORMAT, 'its config is not a JSON object');
}
