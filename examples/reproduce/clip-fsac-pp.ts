import { clipFsacPp } from './clip-fsac-pp/reproduction.js';
import { runReproduction } from './driver/run-reproduction.js';

await runReproduction(clipFsacPp);
