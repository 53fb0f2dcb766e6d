import { writeAtomically } from '@anomclip/core/node';
import { writeSafetensors } from '@anomclip/core/weights';
import { answerRequests } from '../shared/worker-process.js';
import type { ShardJob } from './draw-set.js';
import { drawShard } from './draw-shard.js';

// A process of its own that draws the shards it is sent, one after the other.

answerRequests(({ file, set, index, metadata }: ShardJob) =>
  writeAtomically(file, writeSafetensors(drawShard(set, index), metadata)),
);
