import { checkPositions } from './cloud-regions.js';
import { MetricsInputError } from './errors.js';
import type { Scores } from './inputs.js';
import { createKdTree, Neighbours } from './kd-tree.js';

/**
 * Scores for all points of a cloud when a method scored only some: every point takes the score of the nearest
 * scored one (the lower index of two equally near), as the Real3D-AD benchmark does.
 *
 * @param positions - xyz triples of all points, length 3 · N.
 * @param scoredPositions - xyz triples of the scored points, length 3 · M, M ≥ 1 unless N is 0.
 * @param scores - One per scored point.
 * @returns One score per point, of the type of `scores`.
 * @throws {@link MetricsInputError} when lengths do not match or a coordinate is not finite.
 */
export function spreadScores<Given extends Scores>(
  positions: Float32Array,
  scoredPositions: Float32Array,
  scores: Given,
): Given {
  checkPositions('spreadScores: all points', positions, Math.floor(positions.length / 3));
  checkPositions('spreadScores: scored points', scoredPositions, scores.length);
  if (scores.length === 0 && positions.length > 0) {
    throw new MetricsInputError('spreadScores', 'at least one scored point', 0);
  }
  const nearest = new Neighbours(createKdTree(scoredPositions), 1);
  const spread = new (scores.constructor as new (length: number) => Given)(positions.length / 3);
  for (let i = 0; i < spread.length; i++) {
    nearest.find(positions, i);
    spread[i] = scores[nearest.indices[0]];
  }
  return spread;
}
