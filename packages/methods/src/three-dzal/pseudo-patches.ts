import type { Rng } from '@anomclip/core/random';
import { addedPatch, removedPatch, type SurfaceIndex } from '@anomclip/synth/cloud';
import type { NdArray } from 'ndarray';
import type { ThreeDzalConfig } from './config.js';

export interface PseudoPatches {
  /** xyz triples of each, N points: first the adding, then the removing type. */
  readonly patches: Float32Array[];
  /** Patches of the adding type that hold too few or too many donated points even so. */
  readonly unbalanced: number;
}

/**
 * Pseudo anomalous patches of a normal surface (section 6 of 3DzAL's specification).
 *
 * @param donors - Points of interest [K, 3] by class; needed unless `pseudo.adding` is 0.
 * @param rng - Every patch has its own fork.
 * @throws {@link ArgumentError} for a surface without points, or when no donor has enough.
 */
export function pseudoPatches(
  surface: SurfaceIndex,
  donors: readonly (readonly NdArray<Float32Array>[])[],
  count: number,
  rng: Rng,
  { pseudo, donors: drawing, patchPoints }: Pick<ThreeDzalConfig, 'pseudo' | 'donors' | 'patchPoints'>,
): PseudoPatches {
  const { adding, removing, removeRatio, removeMode, ...options } = pseudo;
  const added = Math.round((count * adding) / (adding + removing));
  let unbalanced = 0;
  const patches = Array.from({ length: count }, (_, i) => {
    const own = rng.fork('patch', i);
    if (i >= added)
      return triples(removedPatch(surface, own, { patchPoints, removeRatio, removeMode }).positions);
    const { positions, ok } = addedPatch(surface, donors, own, {
      ...options,
      patchPoints,
      minDonorPoints: drawing.minPoints,
      donorRotation: drawing.rotation,
    });
    if (!ok) unbalanced++;
    return triples(positions);
  });
  return { patches, unbalanced };
}

/** Both makers give new, contiguous arrays. */
function triples({ data }: NdArray<Float32Array>): Float32Array {
  return data;
}
