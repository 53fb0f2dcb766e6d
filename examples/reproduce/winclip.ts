import { runReproduction } from './driver/run-reproduction.js';
import { winclip } from './winclip/reproduction.js';

await runReproduction(winclip);
