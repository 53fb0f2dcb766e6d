export { cosSinOfTurns, exp, ln } from './elementary.js';
export { createRng, type Rng } from './rng.js';
