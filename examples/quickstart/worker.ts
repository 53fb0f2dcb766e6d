import { AnomclipError } from '@anomclip/core';
import { openMvtec3d } from '@anomclip/datasets';
import { evaluateCategory } from './evaluate.js';
import type { Job, WorkerMessage } from './evaluate-all.js';

// A process of its own that evaluates the categories it is sent, one after the other.

process.on('message', async ({ root, className, options }: Job) => {
  try {
    const dataset = await openMvtec3d(root, { classes: [className] });
    const result = await evaluateCategory(dataset, className, options, (step) => send({ step }));
    send({ result });
  } catch (error) {
    // Our own errors say what to do; anything else is a bug and wants its stack.
    send({
      error:
        error instanceof AnomclipError ? error.message : `${error instanceof Error ? error.stack : error}`,
    });
  }
});
process.on('disconnect', () => process.exit()); // the main process is gone

function send(message: WorkerMessage): void {
  process.send?.(message);
}
