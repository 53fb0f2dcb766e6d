import { join } from 'node:path';
import { openDataset } from '@anomclip/datasets';
import { openClip } from '../driver/open-clip.js';
import type { SavedAnswer, SavedCheck } from './check-saved.js';
import { nativeFeatures } from './clips.js';
import { loadMethod } from './detectors.js';
import { viewSamples } from './view-samples.js';

// A process of its own that scores one sample with a saved detector.

process.on('message', async (check: SavedCheck) => {
  const answer = await score(check).catch((error: unknown): SavedAnswer => {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  });
  process.send?.(answer);
});

async function score({ options, root, file, className, id, views }: SavedCheck): Promise<SavedAnswer> {
  const clip = await openClip(options, { nativeFeatures: nativeFeatures('PointAD'), keepFeatures: false });
  const dataset = await openDataset(root, { classes: [className] });
  const sample = dataset.samples({ className, split: 'test' }).find((candidate) => candidate.id === id);
  if (!sample) return { error: `${root} has no ${id}` };
  const detector = await (await loadMethod(file, clip)).forClass(className);
  const { cloud } = await detector.predict(
    await viewSamples(join(options.output, 'views')).load(sample, views),
  );
  return { imageScore: cloud.imageScore };
}
