import type { DropoutMask, LevelRows } from '@anomclip/core/pointnet';
import type { Rng } from '@anomclip/core/random';
import type { SurfaceIndex } from '@anomclip/synth/cloud';
import * as tf from '@tensorflow/tfjs';
import type { NdArray } from 'ndarray';
import { FPFH_SIZE, fpfhOfPoints } from '../btf/features.js';
import type { ThreeDzalConfig } from './config.js';
import type { ThreeDzalNetworks } from './networks.js';
import { networkPatches } from './patches.js';
import type { PreparedScan } from './prepared-scan.js';
import { pseudoPatches } from './pseudo-patches.js';

/**
 * What one training step looks at: patches of one scan, the normal ones first. All that changes from step to step is in
 * tensors, so that the step can be recorded.
 */
export interface ThreeDzalBatch {
  /** [M, N, 3] */
  readonly points: tf.Tensor3D;
  /** Of both networks. */
  readonly groups: readonly LevelRows[];
  readonly positives: number;
  /** [positives, 33] of the normal patches, or [M, 33] with `disentanglement.over: 'all'`. */
  readonly fpfh: tf.Tensor2D;
  /** By network. */
  readonly dropout: { readonly learned?: DropoutMask; readonly classifier?: DropoutMask };
}

export interface TrainingScan extends Pick<PreparedScan, 'fpfh' | 'patches'> {
  readonly surface: SurfaceIndex;
}

/**
 * Draws normal patches of a scan, and makes pseudo anomalous ones of its surface (section 8.1). The caller owns the tensors.
 *
 * @param scale - Median radius of the training patches in metres.
 */
export function threeDzalBatch(
  { fpfh, patches, surface }: TrainingScan,
  donors: readonly (readonly NdArray<Float32Array>[])[],
  { learned, classifier }: ThreeDzalNetworks,
  config: ThreeDzalConfig,
  scale: number,
  rng: Rng,
): ThreeDzalBatch {
  const usable = patches.filter(({ measured }) => measured >= config.minPositivePoints);
  const positives = Math.min(config.positivesPerStep, usable.length);
  const normal = [...rng.fork('positives').sample(usable.length, positives)].map((index) => usable[index]);
  const count = positives * config.negativeRatio;
  const pseudo = pseudoPatches(surface, donors, count, rng.fork('pseudo'), config).patches;
  const all = [...normal.map(({ points }) => points), ...pseudo];
  const { points } = networkPatches(all, config, (patch) => rng.fork('points', patch), scale);
  const { over } = config.disentanglement;
  const described = [
    ...normal.map(({ cell }) => fpfh.subarray(cell * FPFH_SIZE, (cell + 1) * FPFH_SIZE)),
    ...(over === 'all' ? pseudo.map((patch) => meanFpfh(patch, config)) : []),
  ];
  const rows = new Float32Array(described.length * FPFH_SIZE);
  described.forEach((row, i) => {
    rows.set(row, i * FPFH_SIZE);
  });
  return {
    points: tf.tensor3d(points.slice(), [all.length, config.patchPoints, 3]),
    groups: groupsOf(points, all.length, config.patchPoints, learned ?? classifier),
    positives,
    fpfh: tf.tensor2d(rows, [described.length, FPFH_SIZE]),
    dropout: {
      ...(learned && { learned: learned.dropoutMask(all.length, rng.fork('learned')) }),
      ...(classifier && { classifier: classifier.dropoutMask(all.length, rng.fork('classifier')) }),
    },
  };
}

/** Those of one network are those of the other. */
function groupsOf(
  points: Float32Array,
  count: number,
  patchPoints: number,
  network: ThreeDzalNetworks['learned'],
): LevelRows[] {
  return network ? network.groupRows(network.chooseGroups(points, count), count, patchPoints) : [];
}

/** FPFH of the points of a patch alone, averaged. */
function meanFpfh(patch: Float32Array, config: ThreeDzalConfig): Float32Array {
  const rows = fpfhOfPoints(patch, config);
  const mean = new Float32Array(FPFH_SIZE);
  for (let i = 0; i < rows.length; i++) mean[i % FPFH_SIZE] += (rows[i] * FPFH_SIZE) / rows.length;
  return mean;
}
