import { btf } from './btf/reproduction.js';
import { runReproduction } from './driver/run-reproduction.js';

await runReproduction(btf);
