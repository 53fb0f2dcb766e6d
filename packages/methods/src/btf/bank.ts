import { ArgumentError, breathe, type LongWorkOptions } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import { coreset } from '../memory-bank/index.js';
import type { BankConfig } from './config.js';
import { FPFH_SIZE } from './features.js';

/**
 * The memory bank of a stream of samples. A sample is let go once its feature rows are taken.
 * Stages `'features'` (one step per sample) and `'coreset'` (one step per bank row).
 *
 * @param rowsOf - [N, 33] row-major of one sample.
 * @returns [M, 33] row-major.
 * @throws {@link ArgumentError} when there is no sample.
 */
export async function buildBank<Sample>(
  where: string,
  samples: Iterable<Sample> | AsyncIterable<Sample>,
  rowsOf: (sample: Sample, position: number) => Float32Array,
  config: BankConfig,
  { signal, onProgress }: LongWorkOptions,
): Promise<Float32Array> {
  const total = Array.isArray(samples) ? samples.length : undefined;
  const blocks: Float32Array[] = [];
  await breathe(signal);
  for await (const sample of samples) {
    blocks.push(rowsOf(sample, blocks.length));
    onProgress?.({ stage: 'features', done: blocks.length, total });
    await breathe(signal);
  }
  if (blocks.length === 0) throw new ArgumentError(where, 'at least one normal sample', 'none');

  return coreset(concatenate(blocks), FPFH_SIZE, {
    ratio: config.coresetRatio,
    projection: config.projection,
    eps: config.coresetEps,
    start: config.coresetStart,
    rng: createRng(config.seed),
    signal,
    onProgress,
  });
}

function concatenate(blocks: readonly Float32Array[]): Float32Array {
  const rows = new Float32Array(blocks.reduce((length, block) => length + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    rows.set(block, at);
    at += block.length;
  }
  return rows;
}
