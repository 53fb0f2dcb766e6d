import { join } from 'node:path';
import { AnomclipError } from '@anomclip/core';
import { openDataset } from '@anomclip/datasets';
import { answerRequests } from '../../shared/worker-process.js';
import { openClip } from '../driver/open-clip.js';
import type { SavedCheck } from './check-saved.js';
import { nativeFeatures } from './clips.js';
import { loadMethod } from './detectors.js';
import { viewSamples } from './view-samples.js';

// A process of its own that scores one sample with a saved detector.

answerRequests(async ({ options, root, file, className, id, views }: SavedCheck): Promise<number> => {
  const clip = await openClip(options, { nativeFeatures: nativeFeatures('PointAD'), keepFeatures: false });
  const dataset = await openDataset(root, { classes: [className] });
  const sample = dataset.samples({ className, split: 'test' }).find((candidate) => candidate.id === id);
  if (!sample) throw new AnomclipError(`${root} has no ${id}`);
  const detector = await (await loadMethod(file, clip)).forClass(className);
  const { cloud } = await detector.predict(
    await viewSamples(join(options.output, 'views')).load(sample, views),
  );
  return cloud.imageScore;
});
