import { ArgumentError } from '@anomclip/core';
import type { PromptEnsemble } from '@anomclip/core/clip';
import type { NsaOptions } from '@anomclip/synth/image';
import { merge } from '../config-checks.js';
import { checkFsacConfig } from './check-config.js';
import type { HeadConfig } from './head.js';
import type { FsacLossConfig } from './loss.js';
import type { FsacPrompts } from './prompts.js';

/** The data set whose settings are the defaults; `'own'` has those of MVTec AD, with anomalies anywhere in the image. */
export type FsacDataset = 'mvtec-ad' | 'visa' | 'own';

/**
 * Everything that CLIP-FSAC++ learns and scores with (sections 3 to 9 of its specification). Settings of single calls are
 * options of those calls: `scoreImages` (grouping of test images), `gradientMap` (its input).
 */
export interface FsacConfig extends HeadConfig, FsacLossConfig {
  /** @defaultValue 'own' */
  readonly dataset: FsacDataset;
  /** Named prompts, see {@link FsacPrompts}, or your own. @defaultValue 'reference21' */
  readonly prompts: FsacPrompts | PromptEnsemble;
  /** The name as it is given, or with spaces for underscores. @defaultValue 'raw' */
  readonly classNameFormat: 'raw' | 'spaces';
  /** Whether prompt embeddings have unit length before the mean, and the mean after it. @defaultValue false */
  readonly normalizePromptEmbeddings: boolean;
  /** Whether prompts that are too long for the model are cut. @defaultValue false: they are an error */
  readonly truncate: boolean;
  readonly synthesis: FsacSynthesisConfig;
  readonly optimizer: {
    /** @defaultValue 'adam' */
    readonly kind: 'adam' | 'adamW' | 'sgd';
    /** Of the image adapter and the anomaly descriptor. @defaultValue 5e-4 */
    readonly lrImage: number;
    /** Of the text adapter. @defaultValue 1e-4 */
    readonly lrText: number;
    /** Of Adam. @defaultValue [0.9, 0.999] */
    readonly betas: readonly [number, number];
    /** Of Adam. @defaultValue 1e-8 */
    readonly epsilon: number;
    /** @defaultValue 'default': 0, for AdamW 0.01 */
    readonly weightDecay: number | 'default';
  };
  /** @defaultValue 100 */
  readonly epochs: number;
  /** Normal images per step. @defaultValue 'auto': by {@link fsacBatchSize} */
  readonly batchSize: number | 'auto';
  /**
   * The state that is kept: that after the last epoch, or that of the epoch which ranks the test images best.
   * `'best-test'` looks at test labels, as the released program does for its tables: what it reports is no clean result.
   * @defaultValue 'last'
   */
  readonly selection: 'last' | 'best-test';
  /** With `'best-test'`, epochs without improvement before training ends. @defaultValue 10 */
  readonly patience: number;
  /** Of initial values and synthetic anomalies; the paper's five runs could be 10 to 14. @defaultValue 10 */
  readonly seed: number;
}

/** How anomalous images are made from normal ones. */
export interface FsacSynthesisConfig {
  /** Patches of noise, or patches of the image blended in elsewhere. @defaultValue noise; NSA on VisA */
  readonly method: 'random-perturbation' | 'nsa';
  /** @defaultValue 'gaussian' */
  readonly noise: 'gaussian' | 'uniform';
  /** Whether patches of noise are squares. @defaultValue true */
  readonly square: boolean;
  /** Where patches of noise may lie: on the object for the classes that the paper's code lists, always, or anywhere. @defaultValue 'class' */
  readonly foreground: 'class' | 'object' | 'anywhere';
  /** Options of `nsa`; `'class'`: those of the class on MVTec AD, else VisA's. @defaultValue 'class' */
  readonly nsa: 'class' | Omit<NsaOptions, 'source'>;
  /** Whether NSA cuts its patches from the image itself or from the next training image. @defaultValue 'same' */
  readonly nsaSource: 'same' | 'other';
  /** Anomalous images per normal one that are made once and then cycled through; `null` makes a new one each time. @defaultValue null */
  readonly synthPool: number | null;
}

/** A configuration of which groups may be given in part. */
export type PartialFsacConfig = Partial<Omit<FsacConfig, 'synthesis' | 'optimizer'>> & {
  readonly synthesis?: Partial<FsacSynthesisConfig>;
  readonly optimizer?: Partial<FsacConfig['optimizer']>;
};

/**
 * `'paper'` is what the paper says, with the released program's values where it is silent; `'reference-code'` is the training
 * step of the released program. Neither switches on what looks at test data.
 */
export type FsacPreset = 'paper' | 'reference-code';

/**
 * The configuration of a preset for a data set, with what is given, checked.
 *
 * @throws {@link ArgumentError} when a name is unknown or a value cannot work.
 */
export function fsacConfig(given: PartialFsacConfig = {}, preset: FsacPreset = 'paper'): FsacConfig {
  const { dataset = 'own' } = given;
  const base = defaultsOf(preset, dataset);
  const config: FsacConfig = {
    ...merge(WHERE, base, given as Partial<FsacConfig>),
    synthesis: merge(`${WHERE} synthesis`, base.synthesis, given.synthesis ?? {}),
    optimizer: merge(`${WHERE} optimizer`, base.optimizer, given.optimizer ?? {}),
  };
  checkFsacConfig(config);
  return config;
}

/**
 * Normal images per step (section 1): MVTec AD 1, 2, 2, 2 and VisA 1, 1, 2, 2 for 1, 2, 4 and 8 shots; other numbers of
 * shots as the next smaller of these.
 */
export function fsacBatchSize(dataset: FsacDataset, shots: number): number {
  const least = dataset === 'visa' ? 4 : 2;
  return shots >= least ? 2 : 1;
}

const WHERE = 'FsacConfig';

const mvtec: FsacConfig = {
  dataset: 'mvtec-ad',
  prompts: 'reference21',
  classNameFormat: 'raw',
  normalizePromptEmbeddings: false,
  truncate: false,
  alpha: [0.4, 0.6],
  beta: [0.4, 0.6],
  gamma1: 0.01,
  gamma2: 0.7,
  tau: 0.07,
  adText: 'adapted',
  useTF: true,
  useVT: true,
  contrastiveText: 'adapted',
  contrastiveTemperature: 1,
  contrastiveScale: 1,
  ceMode: 'prob-softmax',
  useContrastive: true,
  useCrossEntropy: true,
  synthesis: {
    method: 'random-perturbation',
    noise: 'gaussian',
    square: true,
    foreground: 'class',
    nsa: 'class',
    nsaSource: 'same',
    synthPool: null,
  },
  optimizer: {
    kind: 'adam',
    lrImage: 5e-4,
    lrText: 1e-4,
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    weightDecay: 'default',
  },
  epochs: 100,
  batchSize: 'auto',
  selection: 'last',
  patience: 10,
  seed: 10,
};

const ofDataset: Readonly<Record<FsacDataset, FsacConfig>> = {
  'mvtec-ad': mvtec,
  visa: {
    ...mvtec,
    dataset: 'visa',
    alpha: [0.1, 0.9],
    beta: [0.1, 0.9],
    gamma1: 0.7,
    synthesis: { ...mvtec.synthesis, method: 'nsa' },
  },
  own: { ...mvtec, dataset: 'own', synthesis: { ...mvtec.synthesis, foreground: 'anywhere' } },
};

function defaultsOf(preset: FsacPreset, dataset: FsacDataset): FsacConfig {
  if (!Object.hasOwn(ofDataset, dataset)) {
    throw new ArgumentError(WHERE, `a dataset of ${Object.keys(ofDataset).join(', ')}`, dataset);
  }
  const paper = ofDataset[dataset];
  if (preset === 'paper') return paper;
  if (preset !== 'reference-code') {
    throw new ArgumentError(WHERE, "the preset 'paper' or 'reference-code'", preset);
  }
  return {
    ...paper,
    // The released program has the vision-driven term on VisA only.
    gamma1: dataset === 'visa' ? paper.gamma1 : 0,
    adText: 'original',
    contrastiveText: 'enhanced',
    contrastiveTemperature: 0.99,
    contrastiveScale: 0.25,
    synthesis: { ...paper.synthesis, noise: 'uniform', square: false },
    optimizer: { ...paper.optimizer, lrImage: 5e-5, lrText: 1e-5 },
  };
}
