import { AnomclipError } from '@anomclip/core';
import type { Rng } from '@anomclip/core/random';
import type { Sample } from '@anomclip/datasets';
import { removeBackground, type Scan } from '@anomclip/pointcloud';

/** Reads a scan and removes the support plane and everything that does not belong to the object. */
export async function loadCleanScan(sample: Sample, rng: Rng): Promise<Required<Scan>> {
  const { organised, mask, image } = await sample.load();
  if (!organised || !mask || !image) {
    throw new AnomclipError(
      `${sample.id} has no organised points with image and mask, which are needed here`,
    );
  }
  const clean = removeBackground({ organised, mask, image }, { rng });
  return { organised: clean.organised, mask: clean.mask ?? mask, image: clean.image ?? image };
}

/** One after the other: the next scan is read when the one before has been taken. */
export async function* cleanScans(
  samples: readonly Sample[],
  rngOf: (sample: Sample) => Rng,
): AsyncGenerator<Required<Scan>> {
  for (const sample of samples) yield loadCleanScan(sample, rngOf(sample));
}
