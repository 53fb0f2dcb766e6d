import { createRng } from '@anomclip/core/random';
import type { ResNet } from '@anomclip/core/resnet';
import * as tf from '@tensorflow/tfjs';
import type { ThreeDzalConfig } from './config.js';
import { activate, inChunks, type ThreeDzalNetworks } from './networks.js';
import { networkPatches } from './patches.js';
import { perturb } from './perturb.js';
import { joinFeatures, type PreparedScan } from './prepared-scan.js';

/** The learned parts of 3DzAL, without the bank. */
export interface ThreeDzalModel {
  readonly config: ThreeDzalConfig;
  readonly networks: ThreeDzalNetworks;
  /** Median radius of the training patches in metres. */
  readonly patchScale: number;
  /** Sees the colours; absent: no colours in the features. Borrowed. */
  readonly colourNetwork?: ResNet;
}

/**
 * E(x) of all patches of a scan, zeros for empty ones; not yet scaled.
 *
 * @returns [patches², D] row-major; `undefined` when the model has no such network.
 */
export async function learnedFeatures(
  { networks: { learned }, config, patchScale }: ThreeDzalModel,
  { patches }: Pick<PreparedScan, 'patches'>,
  signal?: AbortSignal,
): Promise<Float32Array | undefined> {
  if (!learned) return undefined;
  const { dimension } = config.learned;
  const { points } = patchesOf(config, patches, patchScale);
  const rows = await inChunks(
    points,
    patches.length,
    config.patchPoints,
    dimension,
    async (chunk, values) => {
      const groups = learned.chooseGroups(values, chunk.shape[0]);
      return read(tf.tidy(() => activate(learned.forward(chunk, groups), config.learned)));
    },
    signal,
  );
  const grid = new Float32Array(config.patches ** 2 * dimension);
  patches.forEach(({ cell }, i) => {
    grid.set(rows.subarray(i * dimension, (i + 1) * dimension), cell * dimension);
  });
  return grid;
}

/**
 * f(x) of all patches of a scan, as the bank holds them.
 *
 * @returns [patches², featureSize] row-major.
 */
export async function scanFeatures(
  model: ThreeDzalModel & { readonly learnedScale: number },
  scan: PreparedScan,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const learned = await learnedFeatures(model, scan, signal);
  return joinFeatures(
    scan,
    learned?.map((value) => value * model.learnedScale),
  );
}

/**
 * p(x̃) of all patches of a scan, x̃ as {@link perturb} moves it; 0 for empty ones.
 *
 * @returns [patches²]; `undefined` when the model has no such network.
 */
export async function anomalyProbabilities(
  { networks: { classifier }, config, patchScale }: ThreeDzalModel,
  { patches }: Pick<PreparedScan, 'patches'>,
  signal?: AbortSignal,
): Promise<Float64Array | undefined> {
  if (!classifier) return undefined;
  const { patchPoints, perturb: settings, patchNormalization } = config;
  const inMetres = patchNormalization === 'center' || patchNormalization === 'none';
  const eta = settings.eta * (inMetres ? patchScale : 1);
  const { points, copies } = patchesOf(config, patches, patchScale);
  const probabilities = await inChunks(
    points,
    patches.length,
    patchPoints,
    1,
    async (chunk, values, first) => {
      const size = chunk.shape[0];
      const groups = classifier.chooseGroups(values, size);
      const ofChunk = copies.subarray(first * patchPoints, (first + size) * patchPoints);
      const moved =
        eta === 0
          ? values
          : await perturb(chunk, ofChunk, (x) => classifier.forward(x, groups), { ...settings, eta });
      const movedGroups = eta === 0 ? groups : classifier.chooseGroups(moved, size);
      return read(
        tf.tidy(() => {
          const logits = classifier.forward(tf.tensor3d(moved.slice(), [size, patchPoints, 3]), movedGroups);
          return tf.slice(tf.softmax(logits), [0, 1], [-1, 1]);
        }),
      );
    },
    signal,
  );
  const grid = new Float64Array(config.patches ** 2);
  patches.forEach(({ cell }, i) => {
    grid[cell] = probabilities[i];
  });
  return grid;
}

/** The order of points depends on seed and cell alone: the same scan gives the same numbers whenever it comes. */
function patchesOf(config: ThreeDzalConfig, patches: PreparedScan['patches'], scale: number) {
  const rng = createRng(config.seed);
  return networkPatches(
    patches.map(({ points }) => points),
    config,
    (i) => rng.fork('points', patches[i].cell),
    scale,
  );
}

/** Values of a tensor, which is freed. */
async function read(tensor: tf.Tensor): Promise<Float32Array> {
  try {
    return (await tensor.data<'float32'>()).slice();
  } finally {
    tensor.dispose();
  }
}
