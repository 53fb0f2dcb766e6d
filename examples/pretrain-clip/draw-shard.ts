import { createRng } from '@anomclip/core/random';
import type { TensorToWrite } from '@anomclip/core/weights';
import { type DrawOptions, drawPair } from './drawing/draw-pair.js';
import { packPairs } from './pair-store.js';

/** What decides every pixel of a set of pairs. */
export interface PairSet extends DrawOptions {
  /** Names the random stream. */
  readonly seed: string;
  readonly pairs: number;
  /** Taken in turn: pair i shows category i modulo their number. */
  readonly categories: readonly string[];
}

/** Pairs of a shard; drawn anew in about a second. */
export const PAIRS_PER_SHARD = 400;

/** The pairs of one shard. Pair i is the same in whatever shard and process it is drawn. */
export function drawShard(
  { seed, pairs, categories, ...options }: PairSet,
  index: number,
): Map<string, TensorToWrite> {
  const rng = createRng(`pretrain-clip: ${seed}`);
  const first = index * PAIRS_PER_SHARD;
  const count = Math.min(PAIRS_PER_SHARD, pairs - first);
  const drawn = Array.from({ length: count }, (_, i) =>
    drawPair(categories[(first + i) % categories.length], rng.fork('pair', first + i), options),
  );
  return packPairs(drawn, options.side, categories);
}
