import { breathe } from '@anomclip/core';
import {
  PointNet,
  type PointNetConfig,
  type PointNetLevel,
  pointNetMsg,
  pointNetSsg,
  pointNetTiny,
} from '@anomclip/core/pointnet';
import { createRng } from '@anomclip/core/random';
import { ModelState } from '@anomclip/core/training';
import * as tf from '@tensorflow/tfjs';
import type { ThreeDzalConfig } from './config.js';

/** The two PointNet++ of 3DzAL: one layout, no shared weights, one state for optimiser, checkpoint and file. */
export interface ThreeDzalNetworks {
  readonly state: ModelState;
  /** E: a patch → its learned feature, before the activation. Absent when not enabled. */
  readonly learned?: PointNet;
  /** C: a patch → two logits, class 1 anomalous. Absent when not enabled. */
  readonly classifier?: PointNet;
}

/**
 * Networks before training. The caller frees `state`.
 *
 * @param scale - Median radius of the training patches in metres, which radii count in where patches stay in metres.
 */
export function createNetworks(
  config: Pick<ThreeDzalConfig, 'learned' | 'classifier' | 'pointnet' | 'patchNormalization' | 'seed'>,
  scale: number,
): ThreeDzalNetworks {
  const state = new ModelState();
  const rng = createRng(config.seed).fork('networks');
  const { learned, classifier } = config;
  const layout = layoutOf(config, scale);
  const network = (prefix: string, outputs: number, dropout: number) =>
    new PointNet({ ...layout, outputs, dropout }, rng, { state, prefix });
  return {
    state,
    ...(learned.enabled && { learned: network('learned.', learned.dimension, learned.dropout) }),
    ...(classifier.enabled && { classifier: network('classifier.', 2, classifier.dropout) }),
  };
}

/** Of the network's output. The caller owns the result. */
export function activate(output: tf.Tensor2D, { activation }: ThreeDzalConfig['learned']): tf.Tensor2D {
  return activation === 'relu' ? tf.relu(output) : tf.clone(output);
}

/** Patches in one evaluation: their groups stay within some hundred megabytes. */
const CHUNK = 64;

/**
 * Evaluates something on many patches, some at a time.
 *
 * @param points - [K, N, 3] row-major.
 * @param evaluate - [B, N, 3] → [B, outputs] row-major; `first` is the index of the first patch.
 * @returns [K, outputs] row-major.
 */
export async function inChunks(
  points: Float32Array,
  count: number,
  patchPoints: number,
  outputs: number,
  evaluate: (chunk: tf.Tensor3D, values: Float32Array, first: number) => Promise<Float32Array>,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const result = new Float32Array(count * outputs);
  for (let first = 0; first < count; first += CHUNK) {
    await breathe(signal);
    const size = Math.min(CHUNK, count - first);
    const values = points.slice(3 * first * patchPoints, 3 * (first + size) * patchPoints);
    const chunk = tf.tensor3d(values.slice(), [size, patchPoints, 3]);
    try {
      result.set(await evaluate(chunk, values, first), first * outputs);
    } finally {
      chunk.dispose();
    }
  }
  return result;
}

function layoutOf(
  { pointnet, patchNormalization }: Pick<ThreeDzalConfig, 'pointnet' | 'patchNormalization'>,
  scale: number,
): Omit<PointNetConfig, 'outputs' | 'dropout'> {
  const preset = { msg: pointNetMsg, ssg: pointNetSsg, tiny: pointNetTiny }[pointnet.variant];
  const levels = pointnet.groups === 'modelnet' ? modelnetLevels(preset.levels) : preset.levels;
  const metres = patchNormalization === 'center' || patchNormalization === 'none' ? scale : 1;
  return {
    ...preset,
    levels: levels.map((level) => ({
      ...level,
      scales: level.scales.map((each) => ({ ...each, radius: each.radius * metres })),
    })),
  };
}

/** The standard multi-scale grouping for 1024 points (Qi et al. 2017, arXiv:1706.02413), with the preset's widths. */
function modelnetLevels(levels: readonly PointNetLevel[]): PointNetLevel[] {
  const groups = [
    { centres: 512, radii: [0.1, 0.2, 0.4], sizes: [16, 32, 128] },
    { centres: 128, radii: [0.2, 0.4, 0.8], sizes: [32, 64, 128] },
  ];
  return levels.map(({ scales }, i) => ({
    centres: groups[i].centres,
    scales: scales.map((scale, k) => ({
      ...scale,
      radius: groups[i].radii[k],
      groupSize: groups[i].sizes[k],
    })),
  }));
}
