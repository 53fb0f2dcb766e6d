import { FormatError } from '@anomclip/core';
import { readSafetensors, writeSafetensors } from '@anomclip/core/weights';
import type { HeadValues } from './weights.js';

/** The epoch that did best so far, and what was learned by then. */
export interface BestEpoch {
  /** From 0. */
  readonly epoch: number;
  /** By which it was best. */
  readonly value: number;
  readonly values: HeadValues;
}

/** As bytes for a checkpoint; empty when no epoch has ended yet. */
export function writeBestEpoch(best: BestEpoch | undefined): Uint8Array {
  if (!best) return new Uint8Array();
  return writeSafetensors(best.values, { epoch: String(best.epoch), value: String(best.value) });
}

/**
 * What {@link writeBestEpoch} wrote.
 *
 * @param shapes - Of what is learned, by name.
 * @throws {@link FormatError} when the bytes are anything else, or of another model.
 */
export function readBestEpoch(
  bytes: Uint8Array,
  shapes: ReadonlyMap<string, readonly number[]>,
): BestEpoch | undefined {
  if (bytes.length === 0) return undefined;
  const { tensors, metadata } = readSafetensors(bytes);
  const [epoch, value] = [Number(metadata.epoch), Number(metadata.value)];
  if (!Number.isSafeInteger(epoch) || epoch < 0 || metadata.value === undefined) {
    throw malformed(`its metadata says epoch ${metadata.epoch}, value ${metadata.value}`);
  }
  if (tensors.size !== shapes.size) throw malformed(`it has ${tensors.size} tensors, wanted ${shapes.size}`);
  const values: HeadValues = {};
  for (const [name, shape] of shapes) {
    const tensor = tensors.get(name);
    if (!(tensor?.data instanceof Float32Array) || tensor.shape.join() !== shape.join()) {
      throw malformed(`${name} is [${tensor?.shape ?? 'missing'}], wanted F32 [${shape}]`);
    }
    values[name] = { shape: [...shape], data: tensor.data.slice() };
  }
  return { epoch, value, values };
}

function malformed(problem: string): FormatError {
  return new FormatError('best epoch of a training checkpoint', problem);
}
