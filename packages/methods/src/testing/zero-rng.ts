import { createRng, type Rng } from '@anomclip/core/random';

/** Zeros for every draw: initial values whose shapes alone are looked at take no time to make. */
export const zeroRng: Rng = {
  ...createRng(0),
  normal: () => 0,
  uniform: () => 0,
  fork: () => zeroRng,
};
