import { runReproduction } from './driver/run-reproduction.js';
import { pointad } from './pointad/reproduction.js';

await runReproduction(pointad);
