import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createMvtecAdWriter, type Dataset, openDataset } from '@anomclip/datasets';
import ndarray from 'ndarray';
import { DRAWING_VERSION, drawSetInMemory } from '../../pretrain-clip/draw-set.js';
import { heldOutCategories } from '../../pretrain-clip/drawing/categories.js';

/** What cells call this data. */
export const unseenCategories = 'unseen categories';

/** Pairs whose normal images are trained on; their anomalous images are not used at all. Pairs are of the categories in turn. */
const trainPairs = 8 * heldOutCategories.length;
/** Not those that the card of the model is scored on. */
const set = { seed: unseenCategories, side: 80, pairs: 25 * heldOutCategories.length };

/**
 * Images of the categories that the small CLIP was not trained on, drawn on the first run and written to `output/` as MVTec AD:
 * 8 normal images of each to train on, 17 normal and 17 anomalous ones to test.
 */
export async function openUnseenCategories(classes?: readonly string[]): Promise<Dataset> {
  const folder = `output/unseen-categories-${DRAWING_VERSION}`;
  if (!existsSync(folder)) {
    await mkdir('output', { recursive: true });
    const partial = await mkdtemp('output/.unseen-categories.partial-');
    try {
      await writePairs(join(partial, 'complete'));
      await rename(join(partial, 'complete'), folder).catch((error: unknown) => {
        if (!existsSync(folder)) throw error; // else another process was faster
      });
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }
  return openDataset(folder, classes ? { classes } : {});
}

async function writePairs(folder: string): Promise<void> {
  const pairs = drawSetInMemory({ ...set, categories: heldOutCategories });
  const writer = await createMvtecAdWriter(folder);
  const { side } = set;
  for (let pair = 0; pair < pairs.count; pair++) {
    const { category, defect } = pairs.describe(pair);
    const written = { className: category, stem: String(pair).padStart(3, '0') };
    const split = pair < trainPairs ? 'train' : 'test';
    const image = ndarray(pairs.normal(pair), [side, side, 3]);
    await writer.write({ ...written, split, defectType: 'good', image });
    if (split === 'train') continue;
    const anomalous = ndarray(pairs.anomalous(pair), [side, side, 3]);
    const mask = ndarray(pairs.mask(pair), [side, side]);
    await writer.write({ ...written, split, defectType: defect, image: anomalous, mask });
  }
}
