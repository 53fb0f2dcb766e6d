import { ArgumentError } from '@anomclip/core';
import { merge, oneOf } from '../config-checks.js';
import { type PartialPointadConfig, type PointadConfig, pointadConfig } from '../pointad/index.js';

/** What AnomalyCLIP shares with PointAD, with the same meaning and the same defaults. */
type SharedConfig = Pick<
  PointadConfig,
  | 'prompt'
  | 'deepPrompt'
  | 'attention'
  | 'vvFirstBlock'
  | 'featureLayers'
  | 'temperature'
  | 'smoothing'
  | 'optimizer'
  | 'epochs'
  | 'batchSize'
  | 'seed'
>;

/** Everything AnomalyCLIP learns and scores with. */
export interface AnomalyClipConfig extends SharedConfig {
  /** Which image of the training samples is looked at; prediction takes what a sample has. @defaultValue 'image' */
  readonly trainOn: 'image' | 'depth';
  /** Weight of the losses of the maps against that of the image. @defaultValue 4 */
  readonly localWeight: number;
}

/** A configuration of which groups may be given in part. */
export type PartialAnomalyClipConfig = Pick<PartialPointadConfig, keyof SharedConfig> &
  Partial<Pick<AnomalyClipConfig, 'trainOn' | 'localWeight'>>;

const shared = pointadConfig();
const recommended: AnomalyClipConfig = {
  prompt: shared.prompt,
  deepPrompt: shared.deepPrompt,
  attention: shared.attention,
  vvFirstBlock: shared.vvFirstBlock,
  featureLayers: shared.featureLayers,
  temperature: shared.temperature,
  smoothing: shared.smoothing,
  optimizer: shared.optimizer,
  epochs: shared.epochs,
  batchSize: shared.batchSize,
  seed: shared.seed,
  trainOn: 'image',
  localWeight: 4,
};

/**
 * Named configurations: `'recommended'` is the default; `'released'` rounds the deep prompts to half precision as the
 * released program does; `'fourLayers'` sums the maps of the blocks that its scripts list, for models of 24 blocks.
 */
export const anomalyClipPresets = {
  recommended,
  released: { ...recommended, deepPrompt: { ...recommended.deepPrompt, roundToHalf: true } },
  fourLayers: { ...recommended, featureLayers: [6, 12, 18, 24] },
} as const satisfies Record<string, AnomalyClipConfig>;

export type AnomalyClipPreset = keyof typeof anomalyClipPresets;

/**
 * A preset with what is given, checked.
 *
 * @throws {@link ArgumentError} when a name is unknown or a value cannot work.
 */
export function anomalyClipConfig(
  given: PartialAnomalyClipConfig = {},
  preset: AnomalyClipPreset = 'recommended',
): AnomalyClipConfig {
  if (!Object.hasOwn(anomalyClipPresets, preset)) {
    throw new ArgumentError(WHERE, `a preset of ${Object.keys(anomalyClipPresets).join(', ')}`, preset);
  }
  const base: AnomalyClipConfig = anomalyClipPresets[preset];
  const group = <Key extends 'prompt' | 'deepPrompt' | 'smoothing' | 'optimizer'>(key: Key) =>
    merge<AnomalyClipConfig[Key]>(
      `${WHERE} ${key}`,
      base[key],
      (given[key] ?? {}) as Partial<AnomalyClipConfig[Key]>,
    );
  const config: AnomalyClipConfig = {
    ...merge(WHERE, base, given as Partial<AnomalyClipConfig>),
    prompt: group('prompt'),
    deepPrompt: group('deepPrompt'),
    smoothing: group('smoothing'),
    optimizer: group('optimizer'),
  };
  oneOf(WHERE, 'trainOn', config.trainOn, ['image', 'depth']);
  if (!(Number.isFinite(config.localWeight) && config.localWeight >= 0)) {
    throw new ArgumentError(WHERE, 'localWeight of at least 0', config.localWeight);
  }
  asPointad(config);
  return config;
}

/** The same for the parts that are PointAD's: its prompts, its features and its map of an image, summed over layers. */
export function asPointad({ trainOn, localWeight, ...config }: AnomalyClipConfig): PointadConfig {
  return pointadConfig({ ...config, layerAggregation: 'sum' });
}

const WHERE = 'AnomalyClipConfig';
