import { ArgumentError, breathe, type LongWorkOptions } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import type { ResNet } from '@anomclip/core/resnet';
import {
  adam,
  type CheckpointOptions,
  type GradientSource,
  type LossHistory,
  train,
} from '@anomclip/core/training';
import { indexSurface } from '@anomclip/synth/cloud';
import ndarray, { type NdArray } from 'ndarray';
import type { BtfSample } from '../btf/btf-detector.js';
import { coresetIndices, takeRows } from '../memory-bank/index.js';
import { type ThreeDzalBatch, type TrainingScan, threeDzalBatch } from './batch.js';
import {
  type PartialThreeDzalConfig,
  type ThreeDzalConfig,
  type ThreeDzalPreset,
  threeDzalConfig,
} from './config.js';
import {
  bankDistances,
  createThreeDzalDetector,
  type ThreeDzalDetector,
  type ThreeDzalParts,
} from './detector.js';
import { writeThreeDzal } from './detector-file.js';
import { drawn } from './donors.js';
import { learnedFeatures, type ThreeDzalModel } from './model.js';
import { createNetworks } from './networks.js';
import { patchRadius } from './patches.js';
import { joinFeatures, type PreparedScan, prepareScan } from './prepared-scan.js';
import { trainingLoss } from './training-loss.js';

export interface FitThreeDzalOptions extends LongWorkOptions {
  /** @defaultValue 'paper' */
  readonly preset?: ThreeDzalPreset;
  /**
   * Sees colours, usually Wide ResNet-50-2 with ImageNet's weights and three stages loaded; stays the caller's.
   * @defaultValue none: features have no colours, as `branches` of the detector says
   */
  readonly colourNetwork?: ResNet;
  /**
   * Normal scans that distances are calibrated with, not among the training scans.
   * @defaultValue up to ten of the training scans, each against a bank without its own rows
   */
  readonly calibration?: Iterable<BtfSample> | AsyncIterable<BtfSample>;
  /** When and where to write checkpoints of the training. @defaultValue never */
  readonly checkpoints?: CheckpointOptions;
  /** A checkpoint of the same training: it goes on from there, exactly. */
  readonly resume?: Uint8Array;
  /** What computes losses and gradients, e.g. `compiledGradients`. @defaultValue TensorFlow.js */
  readonly gradients?: GradientSource;
}

/** A fitted detector with the losses of its training. */
export interface FittedThreeDzal extends ThreeDzalDetector {
  /** Every loss in every step; empty when no network is enabled. */
  readonly history: LossHistory;
}

/**
 * Fits 3DzAL ("Towards Zero-shot 3D Anomaly Localization", WACV 2025) on normal scans of one class and on what other
 * classes donate: trains two PointNet++ on normal and pseudo anomalous patches, then makes the memory bank. Scans are taken
 * one at a time; of each, its points on the model's grid and its features stay until the end.
 *
 * Stages: `'features'`, one step per scan; `'train'`, per training step; `'bank'`, per scan; `'coreset'`, per bank row;
 * `'calibration'`, per scan.
 *
 * @param samples - Normal scans of the training class.
 * @param donors - Points of interest by donor class, from `pointsToDonate`; `[]` when `pseudo.adding` is 0.
 * @throws {@link ArgumentError} when the configuration cannot work, there is no scan, or a scan has too few points.
 * @throws {@link ShapeError} when the xyz of a scan is not [H, W, 3]; {@link TrainingError} when a loss is not finite.
 */
export async function fitThreeDzal(
  samples: Iterable<BtfSample> | AsyncIterable<BtfSample>,
  donors: readonly (readonly NdArray<Float32Array>[])[],
  given: PartialThreeDzalConfig = {},
  options: FitThreeDzalOptions = {},
): Promise<FittedThreeDzal> {
  const { colourNetwork } = options;
  const config = threeDzalConfig(given, options.preset);
  const scans = await prepareAll('features', samples, config, options);
  if (scans.length === 0) throw new ArgumentError(WHERE, 'at least one normal sample', 'none');
  if (config.fusion.scale === 'calibrated' && !options.calibration && scans.length === 1) {
    throw new ArgumentError(
      WHERE,
      'calibration scans, or two samples and more',
      'one',
      "or set fusion.scale: 'none'",
    );
  }
  const patchScale = medianRadius(scans, config);
  const networks = createNetworks(config, patchScale);
  const model = { config, networks, patchScale, ...(colourNetwork && { colourNetwork }) };
  try {
    const history = await trainNetworks(model, scans, donors, options);
    const parts = await buildBank(model, scans, options);
    const distanceScale = await calibrate(parts, scans, options);
    const detector = createThreeDzalDetector({ ...parts, distanceScale }, writeThreeDzal);
    return Object.assign(detector, { history });
  } catch (error) {
    networks.state.dispose();
    throw error;
  }
}

const WHERE = 'fitThreeDzal';

async function prepareAll(
  stage: string,
  samples: Iterable<BtfSample> | AsyncIterable<BtfSample>,
  config: ThreeDzalConfig,
  { colourNetwork, signal, onProgress }: FitThreeDzalOptions,
): Promise<PreparedScan[]> {
  const total = Array.isArray(samples) ? samples.length : undefined;
  const scans: PreparedScan[] = [];
  for await (const sample of samples) {
    const scan = await prepareScan(WHERE, sample, config, { network: colourNetwork, signal });
    if (!scan.fpfh) {
      const hint =
        config.preprocess === 'btf' ? 'the cleaning may have taken all; see background' : undefined;
      throw new ArgumentError(WHERE, 'scans with points', `sample ${scans.length} without any`, hint);
    }
    scans.push(scan);
    onProgress?.({ stage, done: scans.length, ...(total !== undefined && { total }) });
  }
  return scans;
}

/** ρₐ of section 3.2, in metres. */
function medianRadius(scans: readonly PreparedScan[], { minPositivePoints }: ThreeDzalConfig): number {
  const radii = scans.map(({ patches }, i) => {
    const usable = patches.filter(({ measured }) => measured >= minPositivePoints);
    if (usable.length > 0) return usable.map(patchRadius);
    const wanted = `scans with a cell of ${minPositivePoints} points`;
    throw new ArgumentError(WHERE, wanted, `sample ${i} without one`, 'lower minPositivePoints or patches');
  });
  const sorted = Float64Array.from(radii.flat()).sort();
  return Math.max(sorted[sorted.length >> 1], Number.MIN_VALUE);
}

async function trainNetworks(
  { networks, config, patchScale }: ThreeDzalModel,
  scans: readonly PreparedScan[],
  donors: readonly (readonly NdArray<Float32Array>[])[],
  { signal, onProgress, checkpoints, resume, gradients }: FitThreeDzalOptions,
): Promise<LossHistory> {
  const network = networks.learned ?? networks.classifier;
  if (!network) return new Map();
  const rng = createRng(config.seed).fork('train');
  const chosen = donors.map((points, i) => drawn(points, config.donors.perClass, rng.fork('class', i)));
  const prepared = scans.map(
    ({ positions, fpfh, patches }): TrainingScan => ({
      surface: indexSurface({ positions: ndarray(positions, [positions.length / 3, 3]) }),
      fpfh,
      patches,
    }),
  );
  const lossOf = trainingLoss(networks, config);
  const { lr, beta1, beta2, epsilon } = config.optimizer;
  const group = (prefix: string) => networks.state.parametersWhere((name) => name.startsWith(prefix));
  const optimiser = adam(
    ['learned.', 'classifier.'].map((prefix) => ({
      parameters: group(prefix),
      learningRate: lr,
      betas: [beta1, beta2],
      epsilon,
    })),
  );
  try {
    return await train<ThreeDzalBatch>(
      {
        state: networks.state,
        sampleCount: prepared.length,
        batch: ([sample], step) =>
          threeDzalBatch(
            prepared[sample],
            chosen,
            network,
            config,
            patchScale,
            step.rng.fork('batch', sample),
          ),
        loss: (batch, step) => lossOf(batch, step.rng),
      },
      rng,
      {
        optimiser,
        epochs: config.epochs,
        ...(signal && { signal }),
        ...(onProgress && { onProgress }),
        ...(checkpoints && { checkpoints }),
        ...(resume && { resume }),
        ...(gradients && { gradients }),
      },
    );
  } finally {
    optimiser.dispose();
  }
}

/** A model with its bank, and which of all rows the bank's are: row ÷ patches² is the scan it comes from. */
type Banked = Omit<ThreeDzalParts, 'distanceScale'> & { readonly rows: Uint32Array };

async function buildBank(
  model: ThreeDzalModel,
  scans: readonly PreparedScan[],
  { signal, onProgress }: FitThreeDzalOptions,
): Promise<Banked> {
  const { config } = model;
  const learned: Float32Array[] = [];
  for (const [i, scan] of scans.entries()) {
    const features = await learnedFeatures(model, scan, signal);
    if (features) learned.push(features);
    onProgress?.({ stage: 'bank', done: i + 1, total: scans.length });
  }
  const learnedScale = scaleOf(config.learned.scale, scans, learned);
  const all = concatenated(
    scans.map((scan, i) =>
      joinFeatures(
        scan,
        learned[i]?.map((value) => value * learnedScale),
      ),
    ),
  );
  const count = scans.length * config.patches ** 2;
  const searched = config.coresetOn === 'base' ? concatenated(scans.map((scan) => joinFeatures(scan))) : all;
  await breathe(signal);
  const rows = await coresetIndices(searched, searched.length / count, {
    ratio: config.coresetRatio,
    projection: config.projection,
    eps: config.coresetEps,
    start: config.coresetStart,
    rng: createRng(config.seed),
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  const featureSize = all.length / count;
  return { ...model, bank: takeRows(all, featureSize, rows), rows, featureSize, learnedScale };
}

function scaleOf(
  scale: ThreeDzalConfig['learned']['scale'],
  scans: readonly PreparedScan[],
  learned: readonly Float32Array[],
): number {
  if (scale === 'none' || learned.length === 0) return 1;
  if (scale !== 'match-fpfh') return scale;
  const squares = (blocks: readonly Float32Array[]) =>
    blocks.reduce((sum, block) => sum + block.reduce((part, value) => part + value * value, 0), 0);
  const ofLearned = squares(learned);
  return ofLearned > 0 ? Math.sqrt(squares(scans.map(({ fpfh }) => fpfh)) / ofLearned) : 1;
}

/** Training scans that stand in for calibration scans. */
const MOST_LEFT_OUT = 10;

/** The mean over normal scans of their largest patch distance (section 10.5); 1 when nothing is to be calibrated. */
async function calibrate(
  parts: Banked,
  scans: readonly PreparedScan[],
  options: FitThreeDzalOptions,
): Promise<number> {
  const { config, bank, featureSize, rows } = parts;
  if (config.fusion.scale === 'none') return 1;
  const given =
    options.calibration && (await prepareAll('calibration', options.calibration, config, options));
  if (given?.length === 0) throw new ArgumentError(WHERE, 'at least one calibration scan', 'none');
  const tested = given ?? scans.slice(0, MOST_LEFT_OUT);
  let sum = 0;
  let count = 0;
  for (const [i, scan] of tested.entries()) {
    const isOwn = (row: number) => !given && Math.floor(row / config.patches ** 2) === i;
    const others = Uint32Array.from(rows.keys()).filter((at) => !isOwn(rows[at]));
    if (others.length === 0) continue; // the bank holds nothing else
    const { distances } = await bankDistances(
      { ...parts, bank: takeRows(bank, featureSize, others) },
      scan,
      options.signal,
    );
    sum += distances.reduce((most, distance) => Math.max(most, distance), 0);
    count++;
  }
  return sum > 0 ? sum / count : 1;
}

function concatenated(blocks: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(blocks.reduce((length, block) => length + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    whole.set(block, at);
    at += block.length;
  }
  return whole;
}
