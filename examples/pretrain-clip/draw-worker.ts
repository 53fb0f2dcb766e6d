import { writeAtomically } from '@anomclip/core/node';
import { writeSafetensors } from '@anomclip/core/weights';
import type { ShardJob } from './draw-set.js';
import { drawShard } from './draw-shard.js';

// A process of its own that draws the shards it is sent, one after the other.

process.on('message', async ({ file, set, index, metadata }: ShardJob) => {
  try {
    await writeAtomically(file, writeSafetensors(drawShard(set, index), metadata));
    process.send?.({ done: true });
  } catch (error) {
    process.send?.({ error: `${error instanceof Error ? error.stack : error}` });
  }
});
process.on('disconnect', () => process.exit()); // the main process is gone
