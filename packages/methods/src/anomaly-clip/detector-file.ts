import { ArgumentError, FormatError } from '@anomclip/core';
import type { Clip } from '@anomclip/core/clip';
import { readSafetensors, writeSafetensors } from '@anomclip/core/weights';
import type { HeadValues } from '../heads/weights.js';
import { type AnomalyClipConfig, anomalyClipConfig } from './config.js';
import { type AnomalyClipDetector, anomalyClipDetector } from './detector.js';

/** Of the file's layout. Rises when an older library would read a newer file wrongly. */
const VERSION = '1';

/**
 * All that a detector has learned: a safetensors file of `text` [2, D], the prompts and the configuration. It works with
 * the CLIP it was fitted with and no other; no weight of CLIP is inside.
 */
export function saveAnomalyClip({ text: { data, width }, prompts, config }: AnomalyClipDetector): Uint8Array {
  return writeSafetensors(
    { ...prompts, text: { shape: [2, width], data: data.slice() } },
    { kind: KIND, version: VERSION, config: JSON.stringify(config) },
  );
}

/**
 * A detector from what {@link saveAnomalyClip} gave. Nothing in the file is trusted.
 *
 * @param clip - The CLIP it was fitted with; its vision tower is enough, and stays the caller's.
 * @throws {@link FormatError} when the file is anything else, {@link ArgumentError} when the model has other widths.
 */
export function loadAnomalyClip(
  bytes: Uint8Array,
  clip: Pick<Clip, 'vision' | 'config'>,
): AnomalyClipDetector {
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.kind !== KIND || metadata.version !== VERSION) {
    const found = `kind ${JSON.stringify(metadata.kind)}, version ${JSON.stringify(metadata.version)}`;
    throw new FormatError(FORMAT, `the file has ${found}, wanted "${KIND}", version "${VERSION}"`);
  }
  const values: HeadValues = {};
  for (const [name, { shape, data }] of tensors) {
    if (!/^(?:text|context\.(?:normal|anomalous)|deep\.\d+)$/.test(name)) {
      throw new FormatError(FORMAT, `${name} is not one of text, context.*, deep.*`);
    }
    if (!(data instanceof Float32Array) || shape.length !== 2 || !data.every(Number.isFinite)) {
      throw new FormatError(FORMAT, `${name} is no matrix of finite float32 numbers`);
    }
    values[name] = { shape: [...shape], data: data.slice() };
  }
  const { text, ...prompts } = values;
  if (text?.shape[0] !== 2) throw new FormatError(FORMAT, 'there is no text [2, D]');
  return anomalyClipDetector(
    clip,
    { data: text.data, width: text.shape[1] },
    prompts,
    readConfig(metadata.config),
  );
}

const KIND = 'anomaly-clip';
const FORMAT = 'AnomalyCLIP detector';

function readConfig(text: string | undefined): AnomalyClipConfig {
  try {
    const config: unknown = JSON.parse(text ?? '');
    if (typeof config === 'object' && config !== null) return anomalyClipConfig(config);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof ArgumentError)) throw error;
    throw new FormatError(FORMAT, `its config cannot be used: ${error.message}`);
  }
  throw new FormatError(FORMAT, 'its config is not a JSON object');
}
