import { ArgumentError } from '@anomclip/core';
import type { ClipConfig } from '@anomclip/core/clip';
import { integerFrom, merge, oneOf } from '../config-checks.js';
import { type LossTerm, lossTerms } from './hybrid-loss.js';

/** Everything PointAD learns and scores with; how clouds are rendered is an option of the multi-view sample. */
export interface PointadConfig {
  readonly prompt: {
    /** `'agnostic'`: "… object." and "… damaged object."; `'classAware'` (PointAD-CoOp): the class name for "object". */
    readonly mode: 'agnostic' | 'classAware';
    /** E, learnable vectors before the words of each prompt. @defaultValue 12 */
    readonly length: number;
    /** What ends a prompt. @defaultValue "." */
    readonly suffix: string;
    /** Standard deviation of the vectors' initial values. @defaultValue 0.02 */
    readonly initStd: number;
  };
  readonly deepPrompt: {
    /** Text blocks that are prompted, the first among them; at most all blocks. @defaultValue 9 */
    readonly depth: number;
    /** Tokens per block. @defaultValue 4 */
    readonly length: number;
    /** @defaultValue 0.02 */
    readonly initStd: number;
    /** Rounds them to half precision when they are inserted. @defaultValue false */
    readonly roundToHalf: boolean;
  };
  /** Where patch features come from: the value-value path (section 3.2) or the ordinary one. @defaultValue 'vv' */
  readonly attention: 'vv' | 'qkv';
  /** First block of the value-value path, from 1. @defaultValue 6 of 24 blocks, the same share of others */
  readonly vvFirstBlock: number | 'auto';
  /** Blocks whose patch features are used, from 1. @defaultValue the last one */
  readonly featureLayers: readonly number[] | 'last';
  /** How the maps of several layers become one. @defaultValue 'mean' */
  readonly layerAggregation: 'mean' | 'sum';
  /** Divides the similarities before the softmax. @defaultValue 0.07 */
  readonly temperature: number;
  /** What a point's sum over the views is divided by: the views that see it, or all. @defaultValue 'visibleCount' */
  readonly viewNormalization: 'visibleCount' | 'viewCount';
  readonly smoothing: {
    /** Standard deviation in grid cells; 0 for none. @defaultValue 4 */
    readonly sigma: number;
    /** Whether the fused map of points and image is smoothed once more. @defaultValue true */
    readonly fused: boolean;
  };
  /**
   * How the scores of points are smoothed: on the grid of the scan, over the 16 nearest points, on the order of
   * storage as the released program does, or not. @defaultValue 'auto': on the grid where there is one, else not
   */
  readonly pointSmoothing: 'auto' | 'grid' | 'indexGrid' | 'knn' | 'none';
  readonly fusion: {
    /** What of the cloud enters the score with an image: its probability, or its whole score. @defaultValue 'probability' */
    readonly scoreTerm: 'probability' | 'nested';
  };
  readonly loss: {
    /** Terms that are summed. @defaultValue all four */
    readonly enable: readonly LossTerm[];
    /** @defaultValue 'meanLogit' */
    readonly globalMil: 'meanLogit' | 'meanProbability';
    /** @defaultValue 'perSample' */
    readonly milGrouping: 'perSample' | 'batchInterleaved';
    /** Whether empty cells count, with probability 0 of both classes, in the dice losses of points. @defaultValue 'zeroFill' */
    readonly background: 'zeroFill' | 'exclude';
  };
  readonly optimizer: {
    /** @defaultValue 0.001 */
    readonly lr: number;
    /** @defaultValue 0.5 */
    readonly beta1: number;
    /** @defaultValue 0.999 */
    readonly beta2: number;
    /** @defaultValue 1e-8 */
    readonly epsilon: number;
  };
  readonly label: {
    /** The class of a training sample: the one given with it, where there is one, or the largest of its points. @defaultValue 'folder' */
    readonly source: 'folder' | 'mask';
  };
  /** @defaultValue 15 */
  readonly epochs: number;
  /** Samples per step. @defaultValue 4 */
  readonly batchSize: number;
  /** Of the initial values and the order of samples. @defaultValue 111 */
  readonly seed: number;
}

/** A configuration of which groups may be given in part. */
export type PartialPointadConfig = {
  readonly [Key in keyof PointadConfig]?: PointadConfig[Key] extends readonly unknown[] | string | number
    ? PointadConfig[Key]
    : Partial<PointadConfig[Key]> | PointadConfig[Key];
};

const recommended: PointadConfig = {
  prompt: { mode: 'agnostic', length: 12, suffix: '.', initStd: 0.02 },
  deepPrompt: { depth: 9, length: 4, initStd: 0.02, roundToHalf: false },
  attention: 'vv',
  vvFirstBlock: 'auto',
  featureLayers: 'last',
  layerAggregation: 'mean',
  temperature: 0.07,
  viewNormalization: 'visibleCount',
  smoothing: { sigma: 4, fused: true },
  pointSmoothing: 'auto',
  fusion: { scoreTerm: 'probability' },
  loss: { enable: lossTerms, globalMil: 'meanLogit', milGrouping: 'perSample', background: 'zeroFill' },
  optimizer: { lr: 0.001, beta1: 0.5, beta2: 0.999, epsilon: 1e-8 },
  label: { source: 'folder' },
  epochs: 15,
  batchSize: 4,
  seed: 111,
};

/**
 * Named configurations (section 8 of PointAD's specification): `'recommended'` is the default, `'released'` computes
 * what the released program computes, `'paper'` what the paper says.
 */
export const pointadPresets = {
  recommended,
  released: {
    ...recommended,
    deepPrompt: { ...recommended.deepPrompt, roundToHalf: true },
    pointSmoothing: 'indexGrid',
    loss: { ...recommended.loss, milGrouping: 'batchInterleaved' },
  },
  paper: {
    ...recommended,
    prompt: { ...recommended.prompt, suffix: '' },
    viewNormalization: 'viewCount',
    fusion: { scoreTerm: 'nested' },
    loss: { ...recommended.loss, globalMil: 'meanProbability' },
    label: { source: 'mask' },
  },
} as const satisfies Record<string, PointadConfig>;

export type PointadPreset = keyof typeof pointadPresets;

/**
 * A preset with what is given, checked.
 *
 * @throws {@link ArgumentError} when a name is unknown or a value cannot work.
 */
export function pointadConfig(
  given: PartialPointadConfig = {},
  preset: PointadPreset = 'recommended',
): PointadConfig {
  if (!Object.hasOwn(pointadPresets, preset)) {
    throw new ArgumentError(WHERE, `a preset of ${Object.keys(pointadPresets).join(', ')}`, preset);
  }
  const base: PointadConfig = pointadPresets[preset];
  const group = <
    Key extends 'prompt' | 'deepPrompt' | 'smoothing' | 'fusion' | 'loss' | 'label' | 'optimizer',
  >(
    key: Key,
  ): PointadConfig[Key] => {
    const part: unknown = given[key] ?? {};
    if (typeof part !== 'object') throw new ArgumentError(WHERE, `${key} to be an object`, part);
    return merge<PointadConfig[Key]>(`${WHERE} ${key}`, base[key], part as Partial<PointadConfig[Key]>);
  };
  const config: PointadConfig = {
    ...merge(WHERE, base, given as Partial<PointadConfig>),
    prompt: group('prompt'),
    deepPrompt: group('deepPrompt'),
    smoothing: group('smoothing'),
    fusion: group('fusion'),
    loss: group('loss'),
    label: group('label'),
    optimizer: group('optimizer'),
  };
  check(config);
  return config;
}

/** The blocks that a configuration means on a certain model. */
export interface FeatureBlocks {
  readonly layers: readonly number[];
  /** Absent: patch features of the ordinary path. */
  readonly valueAttentionFrom?: number;
}

/** @throws {@link ArgumentError} when the model has no such block. */
export function featureBlocks(config: PointadConfig, { vision }: Pick<ClipConfig, 'vision'>): FeatureBlocks {
  const depth = vision.layers;
  const layers = config.featureLayers === 'last' ? [depth] : [...config.featureLayers];
  // 6 of 24: what PointAD replaces are the last 19 of ViT-L's 24 blocks.
  const share = Math.min(Math.ceil((depth * 5) / 24) + 1, depth);
  const first = config.vvFirstBlock === 'auto' ? share : config.vvFirstBlock;
  for (const block of config.attention === 'vv' ? [...layers, first] : layers) {
    if (block > depth) throw new ArgumentError(WHERE, `blocks up to ${depth}, the last of this model`, block);
  }
  return config.attention === 'vv' ? { layers, valueAttentionFrom: first } : { layers };
}

const WHERE = 'PointadConfig';

/** Cells; a wider Gaussian is a mistake that would take for ever. */
const LARGEST_SIGMA = 1000;

function check(config: PointadConfig): void {
  oneOf(WHERE, 'prompt.mode', config.prompt.mode, ['agnostic', 'classAware']);
  integerFrom(WHERE, 'prompt.length', config.prompt.length, 1);
  integerFrom(WHERE, 'deepPrompt.depth', config.deepPrompt.depth, 1);
  integerFrom(WHERE, 'deepPrompt.length', config.deepPrompt.length, 1);
  oneOf(WHERE, 'attention', config.attention, ['vv', 'qkv']);
  if (config.vvFirstBlock !== 'auto') integerFrom(WHERE, 'vvFirstBlock', config.vvFirstBlock, 1);
  if (config.featureLayers !== 'last') {
    if (!Array.isArray(config.featureLayers) || config.featureLayers.length === 0)
      throw new ArgumentError(WHERE, 'at least one feature layer', 'none');
    for (const layer of config.featureLayers) integerFrom(WHERE, 'featureLayers', layer, 1);
  }
  oneOf(WHERE, 'layerAggregation', config.layerAggregation, ['mean', 'sum']);
  oneOf(WHERE, 'viewNormalization', config.viewNormalization, ['visibleCount', 'viewCount']);
  oneOf(WHERE, 'pointSmoothing', config.pointSmoothing, ['auto', 'grid', 'indexGrid', 'knn', 'none']);
  oneOf(WHERE, 'fusion.scoreTerm', config.fusion.scoreTerm, ['probability', 'nested']);
  oneOf(WHERE, 'loss.globalMil', config.loss.globalMil, ['meanLogit', 'meanProbability']);
  oneOf(WHERE, 'loss.milGrouping', config.loss.milGrouping, ['perSample', 'batchInterleaved']);
  oneOf(WHERE, 'loss.background', config.loss.background, ['zeroFill', 'exclude']);
  oneOf(WHERE, 'label.source', config.label.source, ['folder', 'mask']);
  if (!Array.isArray(config.loss.enable) || config.loss.enable.length === 0)
    throw new ArgumentError(WHERE, 'at least one term in loss.enable', 'none');
  for (const term of config.loss.enable) oneOf(WHERE, 'loss.enable', term, lossTerms);
  integerFrom(WHERE, 'epochs', config.epochs, 1);
  integerFrom(WHERE, 'batchSize', config.batchSize, 1);
  for (const [name, flag] of [
    ['deepPrompt.roundToHalf', config.deepPrompt.roundToHalf],
    ['smoothing.fused', config.smoothing.fused],
  ] as const) {
    if (typeof flag !== 'boolean') throw new ArgumentError(WHERE, `${name} to be true or false`, flag);
  }
  if (typeof config.prompt.suffix !== 'string')
    throw new ArgumentError(WHERE, 'prompt.suffix to be a string', config.prompt.suffix);
  if (!(config.smoothing.sigma <= LARGEST_SIGMA))
    throw new ArgumentError(WHERE, `smoothing.sigma of at most ${LARGEST_SIGMA}`, config.smoothing.sigma);
  notNegative('prompt.initStd', config.prompt.initStd);
  notNegative('deepPrompt.initStd', config.deepPrompt.initStd);
  notNegative('smoothing.sigma', config.smoothing.sigma);
  for (const [name, value] of [
    ['temperature', config.temperature],
    ['optimizer.lr', config.optimizer.lr],
    ['optimizer.epsilon', config.optimizer.epsilon],
  ] as const) {
    if (!(Number.isFinite(value) && value > 0)) throw new ArgumentError(WHERE, `${name} above 0`, value);
  }
  for (const name of ['beta1', 'beta2'] as const) {
    const beta = config.optimizer[name];
    if (!(beta >= 0 && beta < 1)) throw new ArgumentError(WHERE, `optimizer.${name} in [0, 1)`, beta);
  }
  if (!Number.isFinite(config.seed))
    throw new ArgumentError(WHERE, 'seed to be a finite number', config.seed);
}

function notNegative(name: string, value: number): void {
  if (!(Number.isFinite(value) && value >= 0)) throw new ArgumentError(WHERE, `${name} of at least 0`, value);
}
