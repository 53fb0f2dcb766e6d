import { AnomclipError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import type { Sample } from '@anomclip/datasets';
import type { BtfSample } from '@anomclip/methods';

/** Scans one after another, as they are needed. */
export async function* readScans(samples: readonly Sample[]): AsyncGenerator<BtfSample> {
  for (const sample of samples) yield await readScan(sample);
}

export async function readScan(sample: Sample): Promise<BtfSample> {
  const { organised, image } = await sample.load();
  if (!organised) throw new AnomclipError(`${sample.id} has no points on a grid, which 3DzAL needs`);
  return { organised, ...(image && { image }) };
}

/** At most `most` samples, drawn and in their order; all when `most` is 0. */
export function drawSamples(
  samples: readonly Sample[],
  most: number,
  seed: number,
  name: string,
): readonly Sample[] {
  if (most === 0 || samples.length <= most) return samples;
  const chosen = createRng(seed).fork(name).sample(samples.length, most).sort();
  return Array.from(chosen, (index) => samples[index]);
}
