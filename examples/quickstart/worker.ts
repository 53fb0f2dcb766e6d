import { openMvtec3d } from '@anomclip/datasets';
import { answerRequests } from '../shared/worker-process.js';
import { evaluateCategory } from './evaluate.js';
import type { Job } from './evaluate-all.js';

// A process of its own that evaluates the categories it is sent, one after the other.

answerRequests(async ({ root, className, options }: Job, step) => {
  const dataset = await openMvtec3d(root, { classes: [className] });
  return evaluateCategory(dataset, className, options, step);
});
