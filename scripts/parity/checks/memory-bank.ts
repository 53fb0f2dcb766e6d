import { contiguous } from '@anomclip/core/image';
import { distanceMap, poolFeatures } from '@anomclip/methods/btf';
import { tfjsProduct } from '@anomclip/methods/matrix-products';
import {
  createBankSearch,
  greedyKCentre,
  nearestRows,
  reweightedScore,
  searchScore,
  takeRows,
} from '@anomclip/methods/memory-bank';
import { type Golden, largestError } from '../golden.js';
import type { Compare } from '../parity.js';

/** The coreset, nearest distances and score of PatchCore and BTF, BTF's map and its pooling. */
export async function checkMemoryBank(golden: Golden, compare: Compare): Promise<void> {
  const full = golden.float32('input.bank_full').data;
  const patches = golden.float32('input.patch').data;
  const [patchCount, dimension] = golden.shape('input.patch');

  const coresetName = golden.names.find((name) => /^coreset_\d+_indices$/.test(name));
  if (!coresetName) throw new Error('the golden file has no coreset');
  const expectedChoice = golden.values(coresetName);
  const chosen = await greedyKCentre(full, dimension, expectedChoice.length);
  compare(coresetName, largestError(chosen, expectedChoice), 0);

  const bank = takeRows(full, dimension, chosen);
  const nearest = nearestRows(patches, bank, dimension);
  compare('min_distances', largestError(nearest.distances, golden.values('min_distances')), 1e-5);
  compare('s_star', Math.abs(Math.max(...nearest.distances) - golden.scalar('s_star')), 1e-5);
  const { score } = reweightedScore(patches, bank, dimension, nearest);
  compare('score_btf', Math.abs(score - golden.scalar('score_btf')), 1e-5);

  const search = await createBankSearch(bank, dimension, { product: tfjsProduct() });
  const searched = await searchScore(search, patches);
  await search.dispose();
  compare(
    'min_distances by products',
    largestError(searched.nearest.distances, golden.values('min_distances')),
    1e-5,
  );
  compare('score_btf by products', Math.abs(searched.score - golden.scalar('score_btf')), 1e-5);

  const side = Math.sqrt(patchCount);
  const size = golden.shape('map_resized_64').slice(-1)[0];
  const resized = distanceMap(nearest.distances, side, size, 'none');
  compare('map_resized', largestError(contiguous(resized), golden.values('map_resized_64')), 1e-5);
  const blurred = contiguous(distanceMap(nearest.distances, side, size, 'pillow8'));
  const maximum = Math.max(...golden.values('map_resized_64'));
  const error = largestError(blurred, golden.values('map_blurred_64')) / maximum;
  compare('map_blurred, relative to the maximum', error, 2 / 255);

  const [, channels, height, width] = golden.shape('input.feature_map');
  const features = Float32Array.from(
    contiguous(golden.float32('input.feature_map').pick(0).transpose(1, 2, 0)),
  );
  for (const name of golden.names.filter((other) => other.startsWith('avgpool3_adaptive'))) {
    const target = golden.shape(name).slice(-1)[0];
    const expected = contiguous(golden.float32(name).pick(0).transpose(1, 2, 0));
    const pooled = poolFeatures(features, height, width, channels, target);
    compare(name, largestError(pooled, expected), 1e-5);
  }
}
