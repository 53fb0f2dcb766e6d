import { threeDzal } from './3dzal/reproduction.js';
import { runReproduction } from './driver/run-reproduction.js';

await runReproduction(threeDzal);
