import { ArgumentError } from '@anomclip/core';
import type { ClipConfig } from '@anomclip/core/clip';
import { promptTemplates } from '@anomclip/core/clip';
import { integerFrom, merge, oneOf } from '../config-checks.js';
import type { AdapterConfig } from './adapters.js';
import type { DecoderConfig } from './decoder.js';
import type { GlobalFusionConfig } from './global-fusion.js';
import type { LocalFusionConfig } from './local-fusion.js';
import type { SegmentationConfig } from './segmentation.js';

/**
 * Everything CLIP3D-AD learns and scores with. The paper leaves much open; "O" and a number name the open choice in
 * section 13 of its specification.
 */
export interface Clip3dConfig
  extends AdapterConfig,
    Omit<DecoderConfig, 'headWidth'>,
    Omit<GlobalFusionConfig, 'seHidden'>,
    Omit<LocalFusionConfig, 'headWidth'>,
    SegmentationConfig {
  // What a scan becomes.
  /** O3: the support plane and stray clusters removed; what stands out from the plane through the corners; or all. @defaultValue 'plane-removal' */
  readonly preprocess: 'plane-removal' | 'corner-plane' | 'none';
  /** O3: whether removed points are black in the image too. @defaultValue true */
  readonly maskRgb: boolean;

  // Views.
  /** Whether the views are looked at; without them only the image is. @defaultValue true */
  readonly useMultiView: boolean;
  /** Of the 27 views, from 1. @defaultValue [5, 9, 14, 19, 27] */
  readonly views: readonly number[];
  /** O6: how the three angles combine: the paper's formula, or the renderer's that it cites. @defaultValue 'paper' */
  readonly rotation: 'paper' | 'xyz';
  /** O7: side of a view in pixels. @defaultValue 'model', the side of the model's input */
  readonly renderSize: number | 'model';
  /** O8: side of a point in pixels of a view. @defaultValue 'auto', 5 of 240 */
  readonly pointSize: number | 'auto';
  /** O8: grey where nothing is seen, 0…1. @defaultValue 1 */
  readonly background: number;
  /** O9: side of the grid that points are taken from. @defaultValue 'native', all points */
  readonly cloudSize: number | 'native';
  /**
   * O24: the box that cameras are fitted to: of all 27 views of the scan; of each view; or of all that was drawn so far, of
   * earlier scans too, as the cited renderer does: scores then depend on the order of the scans. @defaultValue 'sample'
   */
  readonly cameraFit: 'sample' | 'view' | 'accumulate';

  // Texts.
  /** @defaultValue 'reference21' */
  readonly templates: keyof typeof promptTemplates;
  /** O21: whether prompt embeddings have unit length before and after the mean. @defaultValue false */
  readonly normalizePromptEmbeddings: boolean;
  /** `'spaces'` writes `cable gland` for `cable_gland`. @defaultValue 'raw' */
  readonly classNameFormat: 'raw' | 'spaces';
  /** Whether prompts that are too long for the model are cut. @defaultValue false: they are an error */
  readonly truncate: boolean;

  // Anomalies in training.
  /** O4: reads "reverse of the mask map" literally: all but the blobs is anomalous. @defaultValue false */
  readonly reverseMask: boolean;
  /** Anomalous pixels at the model's size below which an anomaly is drawn again, at most 50 times. @defaultValue 16 */
  readonly minAnomalyPixels: number;
  /** O5: a new anomaly at every visit, or so many fixed ones per scan. @defaultValue 'fresh' */
  readonly synthPool: number | 'fresh';
  /** O22: where textures come from: see `overlayTexture`. @defaultValue 'given', the images given, else the scan itself */
  readonly textureSource: 'given' | 'structural' | 'procedural' | 'auto';

  // The network beyond its parts.
  /** O20: blocks whose patch tokens the decoder reads, from 1. @defaultValue 'auto', 6, 9, 12 of 12 and the same shares of others */
  readonly layers: readonly number[] | 'auto';
  /** O12: hidden units of the view weighting. @defaultValue 'auto', half the views */
  readonly seHidden: number | 'auto';
  /** Units of an attention head. @defaultValue 'model', as in the model's blocks */
  readonly headWidth: number | 'model';
  /** Weight of what the views add. @defaultValue 1 */
  readonly mvWeight: number;
  /** O14: whether what the views add begins as 0. @defaultValue false */
  readonly mvfmZeroInit: boolean;

  // Losses and optimiser.
  /** O16: whether the map of the normal image is compared with an empty mask. @defaultValue true */
  readonly segOnNormal: boolean;
  /** O23: divides the cosines of the contrastive loss. @defaultValue 1 */
  readonly contrastiveTemperature: number;
  readonly learningRates: {
    /** A_cg. @defaultValue 1e-5 */
    readonly classText: number;
    /** A_sg. @defaultValue 5e-5 */
    readonly segmentationText: number;
    /** A_f. @defaultValue 5e-4 */
    readonly image: number;
    /** @defaultValue 5e-4 */
    readonly decoder: number;
    /** @defaultValue 1e-4 */
    readonly multiView: number;
  };
  /** O1. @defaultValue 100 */
  readonly epochs: number;
  /** O1: pairs per step. @defaultValue 'auto', 1 for one scan and else 2 */
  readonly batchSize: number | 'auto';
  /** O1: `'best-test'` keeps the epoch that `evaluate` scores highest, which says nothing about unseen data. @defaultValue 'last' */
  readonly selection: 'last' | 'best-test';
  /** O2: of initial values, order and anomalies; the paper's five runs are taken as 10 to 14. @defaultValue 10 */
  readonly seed: number;

  // Scores.
  /** τ, divides the cosines of the image score. @defaultValue 0.07 */
  readonly tau: number;
  /** O17: what the image score takes the maximum of. @defaultValue 'upsampled' */
  readonly maxOn: 'upsampled' | 'patch';
  /** O18: standard deviation in pixels of the map at the model's size, smoothed before the maximum is taken. @defaultValue 0 */
  readonly smoothSigma: number;
  /** O19: side of the returned map; `'native'`: the pixels of the scan. @defaultValue 'model', the side of the model's input */
  readonly evalSize: number | 'model' | 'native';
}

export type PartialClip3dConfig = Partial<Omit<Clip3dConfig, 'learningRates'>> & {
  readonly learningRates?: Partial<Clip3dConfig['learningRates']>;
};

/** The defaults: the paper's values where it gives them. */
export const clip3dDefaults: Clip3dConfig = {
  preprocess: 'plane-removal',
  maskRgb: true,
  useMultiView: true,
  views: [5, 9, 14, 19, 27],
  rotation: 'paper',
  renderSize: 'model',
  pointSize: 'auto',
  background: 1,
  cloudSize: 'native',
  cameraFit: 'sample',
  templates: 'reference21',
  normalizePromptEmbeddings: false,
  classNameFormat: 'raw',
  truncate: false,
  reverseMask: false,
  minAnomalyPixels: 16,
  synthPool: 'fresh',
  textureSource: 'given',
  layers: 'auto',
  adapter: 'fsac',
  adapterResidual: [0.4, 0.6],
  c2f: 'progressive',
  c2fDepth: 1,
  c2fInputNorm: 'none',
  headWidth: 'model',
  seHidden: 'auto',
  globalFuse: 'concat',
  localFuse: 'joint',
  viewEmbedding: false,
  recompute: 'auto',
  mvWeight: 1,
  mvfmZeroInit: false,
  gamma: 0.07,
  upsample: 'prob',
  segOnNormal: true,
  contrastiveTemperature: 1,
  learningRates: { classText: 1e-5, segmentationText: 5e-5, image: 5e-4, decoder: 5e-4, multiView: 1e-4 },
  epochs: 100,
  batchSize: 'auto',
  selection: 'last',
  seed: 10,
  tau: 0.07,
  maxOn: 'upsampled',
  smoothSigma: 0,
  evalSize: 'model',
};

/**
 * The defaults with what is given, checked.
 *
 * @throws {@link ArgumentError} when a name is unknown or a value cannot work.
 */
export function clip3dConfig(given: PartialClip3dConfig = {}): Clip3dConfig {
  const { learningRates = {}, ...others } = given;
  const config = {
    ...merge<Clip3dConfig>(WHERE, clip3dDefaults, others),
    learningRates: merge(`${WHERE} learningRates`, clip3dDefaults.learningRates, learningRates),
  };
  check(config);
  return config;
}

/** What a configuration means on a certain model. */
export interface Clip3dSizes {
  /** Blocks whose patch tokens the decoder reads, from 1, ascending. */
  readonly layers: readonly number[];
  /** The last block, whose patch tokens of the views are fused. */
  readonly lastLayer: number;
  /** W, width of a patch token. */
  readonly tokenWidth: number;
  /** C, width of an embedding. */
  readonly textWidth: number;
  /** V; 0 without views. */
  readonly views: number;
  /** Side of the model's input. */
  readonly imageSize: number;
  readonly headWidth: number;
  readonly seHidden: number;
}

/** @throws {@link ArgumentError} when the model has no such block or the head width does not divide its widths. */
export function sizesOf(
  config: Clip3dConfig,
  { vision, embeddingWidth }: Pick<ClipConfig, 'vision' | 'embeddingWidth'>,
): Clip3dSizes {
  const depth = vision.layers;
  const shares = [0.5, 0.75, 1].map((share) => Math.ceil(share * depth));
  const layers = [...new Set(config.layers === 'auto' ? shares : config.layers)].sort((a, b) => a - b);
  for (const layer of layers) {
    if (layer > depth) throw new ArgumentError(WHERE, `layers up to ${depth}, the last of this model`, layer);
  }
  const headWidth = config.headWidth === 'model' ? vision.width / vision.heads : config.headWidth;
  for (const width of [vision.width, embeddingWidth]) {
    if (width % headWidth !== 0) {
      throw new ArgumentError(
        WHERE,
        `a headWidth that divides ${vision.width} and ${embeddingWidth}, the widths of this model`,
        headWidth,
      );
    }
  }
  const views = config.useMultiView ? config.views.length : 0;
  return {
    layers,
    lastLayer: depth,
    tokenWidth: vision.width,
    textWidth: embeddingWidth,
    views,
    imageSize: vision.imageSize,
    headWidth,
    seHidden: config.seHidden === 'auto' ? Math.max(1, Math.floor(views / 2)) : config.seHidden,
  };
}

const WHERE = 'Clip3dConfig';

/** Larger numbers are a mistake, or a hostile file. */
const mostBlocks = 32;
const mostUnits = 4096;

function check(config: Clip3dConfig): void {
  checkChoices(config);
  checkLists(config);
  for (const name of numbersFrom1) {
    const value = config[name];
    if (typeof value === 'number') integerFrom(WHERE, name, value, 1);
    else if (!namedSizes.includes(value)) throw new ArgumentError(WHERE, `${name} to be a number`, value);
  }
  integerFrom(WHERE, 'epochs', config.epochs, 1);
  integerFrom(WHERE, 'minAnomalyPixels', config.minAnomalyPixels, 1);
  for (const [name, most] of [
    ['c2fDepth', mostBlocks],
    ['seHidden', mostUnits],
    ['renderSize', mostUnits],
    ['evalSize', mostUnits],
    ['cloudSize', mostUnits],
  ] as const) {
    if (Number(config[name]) > most) throw new ArgumentError(WHERE, `${name} up to ${most}`, config[name]);
  }
  between('background', config.background, 0, 1);
  for (const name of ['mvWeight', 'smoothSigma'] as const) between(name, config[name], 0);
  for (const name of ['gamma', 'tau', 'contrastiveTemperature'] as const) {
    if (!(Number.isFinite(config[name]) && config[name] > 0))
      throw new ArgumentError(WHERE, `${name} above 0`, config[name]);
  }
  for (const [name, rate] of Object.entries(config.learningRates)) between(`learningRates.${name}`, rate, 0);
  if (!Number.isFinite(config.seed))
    throw new ArgumentError(WHERE, 'seed to be a finite number', config.seed);
}

const numbersFrom1 = [
  'c2fDepth',
  'seHidden',
  'headWidth',
  'renderSize',
  'cloudSize',
  'pointSize',
  'batchSize',
  'evalSize',
  'synthPool',
] as const;
const namedSizes: readonly string[] = ['auto', 'model', 'native', 'fresh'];

function checkChoices(config: Clip3dConfig): void {
  const choices: { readonly [Key in keyof Clip3dConfig]?: readonly string[] } = {
    preprocess: ['plane-removal', 'corner-plane', 'none'],
    rotation: ['paper', 'xyz'],
    cameraFit: ['sample', 'view', 'accumulate'],
    templates: Object.keys(promptTemplates),
    classNameFormat: ['raw', 'spaces'],
    textureSource: ['given', 'structural', 'procedural', 'auto'],
    adapter: ['fsac', 'clip-adapter', 'linear'],
    c2f: ['progressive', 'flat640', 'flat896', 'wide'],
    c2fInputNorm: ['none', 'layernorm'],
    globalFuse: ['concat', 'sum'],
    localFuse: ['joint', 'per-view', 'per-patch', 'mean-first'],
    recompute: ['auto', 'always', 'never'],
    upsample: ['prob', 'logit'],
    selection: ['last', 'best-test'],
    maxOn: ['upsampled', 'patch'],
  };
  for (const [name, allowed] of Object.entries(choices)) {
    oneOf(WHERE, name, String(config[name as keyof Clip3dConfig]), allowed);
  }
  for (const name of [
    'maskRgb',
    'useMultiView',
    'normalizePromptEmbeddings',
    'truncate',
    'reverseMask',
    'viewEmbedding',
    'mvfmZeroInit',
    'segOnNormal',
  ] as const) {
    if (typeof config[name] !== 'boolean')
      throw new ArgumentError(WHERE, `${name} to be true or false`, config[name]);
  }
}

function checkLists({ views, layers, adapterResidual }: Clip3dConfig): void {
  if (!Array.isArray(views) || views.length === 0 || new Set(views).size !== views.length) {
    throw new ArgumentError(WHERE, 'views to be a list of different numbers from 1 to 27', views);
  }
  for (const view of views) {
    integerFrom(WHERE, 'views', view, 1);
    if (view > 27) throw new ArgumentError(WHERE, 'views from 1 to 27', view);
  }
  if (layers !== 'auto') {
    if (!Array.isArray(layers) || layers.length === 0)
      throw new ArgumentError(WHERE, "layers to be 'auto' or a list of numbers from 1", layers);
    for (const layer of layers) integerFrom(WHERE, 'layers', layer, 1);
  }
  if (!Array.isArray(adapterResidual) || adapterResidual.length !== 2)
    throw new ArgumentError(WHERE, 'adapterResidual to be two weights', adapterResidual);
  for (const weight of adapterResidual) between('adapterResidual', weight, 0);
}

function between(name: string, value: number, low: number, high = Number.MAX_VALUE): void {
  if (value >= low && value <= high) return;
  const range = high === Number.MAX_VALUE ? `of at least ${low}` : `from ${low} to ${high}`;
  throw new ArgumentError(WHERE, `${name} to be a finite number ${range}`, value);
}
