import { ArgumentError, FormatError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import { readSafetensors, writeSafetensors } from '@anomclip/core/weights';
import type { HeadValues } from '../heads/weights.js';
import { type FsacConfig, fsacConfig } from './config.js';
import { type ClipIdentity, createFsacDetector, type FsacDetector, type FsacModel } from './detector.js';
import type { ClipVision } from './embed.js';
import { initialHead } from './head.js';

/** Of the file's layout. Rises when an older library would read a newer file wrongly. */
const VERSION = '1';

/**
 * All that a detector has learned: a safetensors file with the head, the two texts and the configuration, 46 MB for the
 * paper's CLIP. No weight of CLIP is inside; `clip` says which it needs.
 */
export function saveFsac({ model }: FsacDetector): Uint8Array {
  const { head, text, config, className, clip } = model;
  return writeSafetensors(
    { ...head, text: { shape: [2, text.length / 2], data: text } },
    { kind: KIND, version: VERSION, className, config: JSON.stringify(config), clip: JSON.stringify(clip) },
  );
}

/**
 * A detector from what {@link saveFsac} gave. Nothing in the file is trusted.
 *
 * @param clip - The CLIP it was fitted with; its vision tower is enough, and stays the caller's.
 * @param options - `key`: of that CLIP's weights, compared with the file's where it has one.
 * @throws {@link FormatError} when the file is anything else, {@link ArgumentError} when it belongs to another CLIP.
 */
export function loadFsac(bytes: Uint8Array, clip: ClipVision, { key }: { key?: string } = {}): FsacDetector {
  const model = readModel(bytes);
  if (key !== undefined && model.clip.key !== undefined && key !== model.clip.key) {
    throw new ArgumentError('loadFsac', `the weights ${model.clip.key} of ${model.clip.model}`, key);
  }
  return createFsacDetector(clip, model);
}

const KIND = 'clip-fsac-pp';
const FORMAT = 'CLIP-FSAC++ detector';

function readModel(bytes: Uint8Array): FsacModel {
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.kind !== KIND || metadata.version !== VERSION) {
    const found = `kind ${JSON.stringify(metadata.kind)}, version ${JSON.stringify(metadata.version)}`;
    throw new FormatError(FORMAT, `the file has ${found}, wanted "${KIND}", version "${VERSION}"`);
  }
  const values: HeadValues = {};
  for (const [name, { shape, data }] of tensors) {
    if (!(data instanceof Float32Array) || !data.every(Number.isFinite)) {
      throw new FormatError(FORMAT, `${name} does not hold finite float32 numbers`);
    }
    values[name] = { shape: [...shape], data: data.slice() };
  }
  checkShapes(values);
  const { text, ...head } = values;
  const { className } = metadata;
  if (typeof className !== 'string') throw new FormatError(FORMAT, 'the className is missing');
  return {
    head,
    text: text.data,
    className,
    config: readConfig(metadata.config),
    clip: readIdentity(metadata.clip),
  };
}

function checkShapes(values: HeadValues): void {
  const width = values.text?.shape[1] ?? 0;
  if (width < 1) throw new FormatError(FORMAT, 'there is no text [2, D]');
  // Every side of the head's tensors is a multiple of the width, so a head of width 1 tells all shapes.
  const expected = new Map(
    Object.entries(initialHead(1, createRng(0))).map(([name, { shape }]) => [
      name,
      shape.map((side) => side * width),
    ]),
  );
  expected.set('text', [2, width]);
  for (const [name, shape] of expected) {
    const found = values[name]?.shape.join(', ');
    if (found !== shape.join(', ')) {
      throw new FormatError(FORMAT, `${name} is [${found ?? 'absent'}], wanted [${shape.join(', ')}]`);
    }
  }
  const unknown = Object.keys(values).find((name) => !expected.has(name));
  if (unknown !== undefined) throw new FormatError(FORMAT, `it holds ${unknown}, which no head has`);
}

function readConfig(text: string | undefined): FsacConfig {
  try {
    return fsacConfig(readObject('config', text));
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    throw new FormatError(FORMAT, `its config cannot be used: ${error.message}`);
  }
}

function readIdentity(text: string | undefined): ClipIdentity {
  const { model, key } = readObject('clip', text) as Record<string, unknown>;
  if (typeof model !== 'string' || (key !== undefined && typeof key !== 'string')) {
    throw new FormatError(FORMAT, 'its clip does not name a model');
  }
  return { model, ...(key !== undefined && { key }) };
}

function readObject(name: string, text: string | undefined): object {
  try {
    const value: unknown = JSON.parse(text ?? '');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new FormatError(FORMAT, `its ${name} is not a JSON object`);
}
