import { ArgumentError } from '@anomclip/core';
import type { MissingTest } from '@anomclip/pointcloud';
import { type BtfConfig, btfConfig, btfPresets } from '../btf/config.js';
import { integerFrom, merge, oneOf } from '../config-checks.js';

/** Everything 3DzAL's numbers depend on: BTF's configuration, whose bank and maps it shares, and its own. */
export interface ThreeDzalConfig extends Omit<BtfConfig, 'modality'> {
  /** Which pixels hold no point. @defaultValue 'any-zero' */
  readonly missing: MissingTest;
  /** Points that the networks are given of each patch. @defaultValue 64 */
  readonly patchPoints: number;
  /**
   * `'grid'`: the points of a cell of the grid. `'knn'`: the points of the whole scan nearest to their mean, so that
   * patches have the round outline of pseudo anomalous ones. @defaultValue 'grid'
   */
  readonly patchSampling: 'grid' | 'knn';
  /** Cells with fewer points are empty: no learned feature, probability 0. @defaultValue 8 */
  readonly minPatchPoints: number;
  /** Cells with fewer points are not trained on. @defaultValue 16 */
  readonly minPositivePoints: number;
  /**
   * What a patch is divided by once its mean is subtracted: its own radius, the median radius of the training scans,
   * nothing; `'none'` does not even subtract the mean. Where metres stay, the networks' radii and `perturb.eta` count in
   * the median radius. @defaultValue 'unit-sphere'
   */
  readonly patchNormalization: 'unit-sphere' | 'class-scale' | 'center' | 'none';
  /** The network whose vectors join the bank. */
  readonly learned: {
    /** @defaultValue true */
    readonly enabled: boolean;
    /** Length of the vectors. @defaultValue 32 */
    readonly dimension: number;
    /** Factor of the vectors in the bank; `'match-fpfh'` makes them as long as FPFH on average. @defaultValue 'none' */
    readonly scale: 'none' | 'match-fpfh' | number;
    /** @defaultValue 'none' */
    readonly activation: 'none' | 'relu';
    /** @defaultValue 0 */
    readonly dropout: number;
  };
  /** The network that tells normal from pseudo anomalous patches. */
  readonly classifier: {
    /** @defaultValue true */
    readonly enabled: boolean;
    /** `'balanced'`: normal and pseudo anomalous patches weigh alike. @defaultValue 'none' */
    readonly classWeights: 'none' | 'balanced';
    /** @defaultValue 0.5 */
    readonly dropout: number;
  };
  readonly pointnet: {
    /** @defaultValue 'msg' */
    readonly variant: 'msg' | 'ssg' | 'tiny';
    /** `'patch64'`: groups for 64 points. `'modelnet'`: the standard ones of msg, for 512 points and more. @defaultValue 'patch64' */
    readonly groups: 'patch64' | 'modelnet';
  };
  /** The network that has never been trained and finds the points to donate. */
  readonly randomCnn: {
    /** `'centred'` subtracts the mean of the measured points. @defaultValue 'raw' */
    readonly input: 'raw' | 'centred';
    /** Which fan its weights are scaled by. @defaultValue 'out' */
    readonly fan: 'out' | 'in';
    /** What its batch norms normalise with: nothing, as none has seen data, or the statistics of the scan. @defaultValue 'identity' */
    readonly batchNorm: 'identity' | 'batch';
    /** A new network for every scan. @defaultValue false */
    readonly perSample: boolean;
  };
  /** Objects of other classes, parts of which are stuck onto the training class. */
  readonly donors: {
    /** At most so many donors per class, drawn; 0 for all. @defaultValue 50 */
    readonly perClass: number;
    /** τ, the share of pixels that become points of interest. @defaultValue 0.001 */
    readonly share: number;
    /** @defaultValue 'valid' */
    readonly over: 'valid' | 'all';
    /** Donors with fewer points of interest are not drawn. @defaultValue 8 */
    readonly minPoints: number;
    /** @defaultValue 'none' */
    readonly rotation: 'none' | 'z' | 'so3';
  };
  /** Pseudo anomalous patches. */
  readonly pseudo: {
    /** Parts of the adding type among `adding + removing`. @defaultValue 1 */
    readonly adding: number;
    /** @defaultValue 1 */
    readonly removing: number;
    /** @defaultValue 'with-surround' */
    readonly anchorUpdate: 'with-surround' | 'none';
    /** @defaultValue 16 */
    readonly surroundPoints: number;
    /** Fewest and most donated points in a patch. @defaultValue 8 and 56 */
    readonly minAnomalyPoints: number;
    readonly maxAnomalyPoints: number;
    /** Bounds of the share that is removed. @defaultValue [0.25, 0.75] */
    readonly removeRatio: readonly [low: number, high: number];
    /** @defaultValue 'random' */
    readonly removeMode: 'random' | 'hole' | 'mixed';
  };
  /** Normal patches per training step, all of one scan. @defaultValue 16 */
  readonly positivesPerStep: number;
  /** Pseudo anomalous patches per normal one. @defaultValue 16 */
  readonly negativeRatio: number;
  readonly contrastive: {
    /** @defaultValue 1 */
    readonly weight: number;
    /** @defaultValue 0.07 */
    readonly temperature: number;
    /** @defaultValue 'negatives' */
    readonly denominator: 'negatives' | 'all';
    /** @defaultValue 'sum' */
    readonly reduction: 'sum' | 'mean';
  };
  readonly disentanglement: {
    /** @defaultValue 100 */
    readonly weight: number;
    /** How 33 numbers meet the learned ones, see `disentanglementLoss`. @defaultValue 'pad' */
    readonly match: 'pad' | 'drop-last' | 'project';
    /** @defaultValue 'positives' */
    readonly over: 'positives' | 'all';
    /** @defaultValue 'cos' */
    readonly form: 'cos' | 'abs' | 'square';
  };
  readonly optimizer: {
    /** @defaultValue 0.001 */
    readonly lr: number;
    /** @defaultValue 0.9 */
    readonly beta1: number;
    /** @defaultValue 0.999 */
    readonly beta2: number;
    /** @defaultValue 1e-8 */
    readonly epsilon: number;
  };
  /** @defaultValue 5 */
  readonly epochs: number;
  /** Which columns the coreset is chosen on: `'base'` leaves the learned ones out. @defaultValue 'full' */
  readonly coresetOn: 'full' | 'base';
  /** Whether the nearest bank row itself is a term of Eq. 6. @defaultValue false */
  readonly reweightIncludesSelf: boolean;
  readonly perturb: {
    /** 0 for none. @defaultValue 0.1 */
    readonly eta: number;
    /** @defaultValue 'raw' */
    readonly norm: 'raw' | 'sign' | 'l2';
  };
  readonly fusion: {
    /** w_d. @defaultValue 1 */
    readonly distance: number;
    /** w_c. @defaultValue 1 */
    readonly classification: number;
    /** `'calibrated'`: distances count in the mean largest distance of normal scans. @defaultValue 'calibrated' */
    readonly scale: 'calibrated' | 'none';
  };
}

const groupNames = [
  'learned',
  'classifier',
  'pointnet',
  'randomCnn',
  'donors',
  'pseudo',
  'contrastive',
  'disentanglement',
  'optimizer',
  'perturb',
  'fusion',
] as const;
type GroupName = (typeof groupNames)[number];

/** A configuration of which groups may be given in part. */
export type PartialThreeDzalConfig = {
  readonly [Key in keyof ThreeDzalConfig]?: Key extends GroupName
    ? Partial<ThreeDzalConfig[Key]>
    : ThreeDzalConfig[Key];
};

const { modality: _, ...btf } = btfPresets.reference;

const paper: ThreeDzalConfig = {
  ...btf,
  mapSize: 'input',
  missing: 'any-zero',
  patchPoints: 64,
  patchSampling: 'grid',
  minPatchPoints: 8,
  minPositivePoints: 16,
  patchNormalization: 'unit-sphere',
  learned: { enabled: true, dimension: 32, scale: 'none', activation: 'none', dropout: 0 },
  classifier: { enabled: true, classWeights: 'none', dropout: 0.5 },
  pointnet: { variant: 'msg', groups: 'patch64' },
  randomCnn: { input: 'raw', fan: 'out', batchNorm: 'identity', perSample: false },
  donors: { perClass: 50, share: 0.001, over: 'valid', minPoints: 8, rotation: 'none' },
  pseudo: {
    adding: 1,
    removing: 1,
    anchorUpdate: 'with-surround',
    surroundPoints: 16,
    minAnomalyPoints: 8,
    maxAnomalyPoints: 56,
    removeRatio: [0.25, 0.75],
    removeMode: 'random',
  },
  positivesPerStep: 16,
  negativeRatio: 16,
  contrastive: { weight: 1, temperature: 0.07, denominator: 'negatives', reduction: 'sum' },
  disentanglement: { weight: 100, match: 'pad', over: 'positives', form: 'cos' },
  optimizer: { lr: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  epochs: 5,
  coresetOn: 'full',
  reweightIncludesSelf: false,
  perturb: { eta: 0.1, norm: 'raw' },
  fusion: { distance: 1, classification: 1, scale: 'calibrated' },
};

/**
 * Named configurations (section 13 of 3DzAL's specification): `'paper'` is the default, `'robust'` a combination of the
 * alternatives that no paper has tested, `'fast'` a small network and small batches.
 */
export const threeDzalPresets = {
  paper,
  robust: {
    ...paper,
    patchSampling: 'knn',
    learned: { ...paper.learned, scale: 'match-fpfh' },
    classifier: { ...paper.classifier, classWeights: 'balanced' },
    pseudo: { ...paper.pseudo, removeMode: 'mixed' },
    disentanglement: { ...paper.disentanglement, form: 'square' },
    blur: 'float',
  },
  fast: {
    ...paper,
    pointnet: { variant: 'tiny', groups: 'patch64' },
    donors: { ...paper.donors, perClass: 20 },
    positivesPerStep: 8,
    coresetOn: 'base',
  },
} as const satisfies Record<string, ThreeDzalConfig>;

export type ThreeDzalPreset = keyof typeof threeDzalPresets;

/**
 * A preset with what is given, checked.
 *
 * @throws {@link ArgumentError} when a name is unknown or a value cannot work.
 */
export function threeDzalConfig(
  given: PartialThreeDzalConfig = {},
  preset: ThreeDzalPreset = 'paper',
): ThreeDzalConfig {
  if (!Object.hasOwn(threeDzalPresets, preset)) {
    throw new ArgumentError(WHERE, `a preset of ${Object.keys(threeDzalPresets).join(', ')}`, preset);
  }
  const base: ThreeDzalConfig = threeDzalPresets[preset];
  const groups = groupNames.map((name) => {
    const part: object = given[name] ?? {};
    if (typeof part !== 'object') throw new ArgumentError(WHERE, `${name} to be an object`, part);
    return [name, merge<object>(`${WHERE} ${name}`, base[name], part)] as const;
  });
  const config: ThreeDzalConfig = {
    ...merge(WHERE, base, given as Partial<ThreeDzalConfig>),
    ...Object.fromEntries(groups),
  };
  check(config);
  return config;
}

/** BTF's part of a configuration, for what the two methods share. */
function btfPart(config: ThreeDzalConfig): BtfConfig {
  const names = Object.keys(btf) as (keyof typeof btf)[];
  return btfConfig(Object.fromEntries(names.map((name) => [name, config[name]])));
}

const WHERE = 'ThreeDzalConfig';

/** More than any network of this kind has: a file must not ask for all memory. */
const MOST = 65_536;

function check(config: ThreeDzalConfig): void {
  btfPart(config);
  const { learned, classifier, pointnet, randomCnn, donors, pseudo } = config;
  const { contrastive, disentanglement, optimizer, perturb, fusion } = config;
  if (config.size % config.patches !== 0) {
    throw new ArgumentError(WHERE, `patches that divide size, ${config.size}`, config.patches);
  }
  const names: readonly (readonly [string, string, readonly string[]])[] = [
    ['missing', config.missing, ['any-zero', 'all-zero']],
    ['patchSampling', config.patchSampling, ['grid', 'knn']],
    ['patchNormalization', config.patchNormalization, ['unit-sphere', 'class-scale', 'center', 'none']],
    ['learned.activation', learned.activation, ['none', 'relu']],
    ['classifier.classWeights', classifier.classWeights, ['none', 'balanced']],
    ['pointnet.variant', pointnet.variant, ['msg', 'ssg', 'tiny']],
    ['pointnet.groups', pointnet.groups, ['patch64', 'modelnet']],
    ['randomCnn.input', randomCnn.input, ['raw', 'centred']],
    ['randomCnn.fan', randomCnn.fan, ['out', 'in']],
    ['randomCnn.batchNorm', randomCnn.batchNorm, ['identity', 'batch']],
    ['donors.over', donors.over, ['valid', 'all']],
    ['donors.rotation', donors.rotation, ['none', 'z', 'so3']],
    ['pseudo.anchorUpdate', pseudo.anchorUpdate, ['with-surround', 'none']],
    ['pseudo.removeMode', pseudo.removeMode, ['random', 'hole', 'mixed']],
    ['contrastive.denominator', contrastive.denominator, ['negatives', 'all']],
    ['contrastive.reduction', contrastive.reduction, ['sum', 'mean']],
    ['disentanglement.match', disentanglement.match, ['pad', 'drop-last', 'project']],
    ['disentanglement.over', disentanglement.over, ['positives', 'all']],
    ['disentanglement.form', disentanglement.form, ['cos', 'abs', 'square']],
    ['coresetOn', config.coresetOn, ['full', 'base']],
    ['perturb.norm', perturb.norm, ['raw', 'sign', 'l2']],
    ['fusion.scale', fusion.scale, ['calibrated', 'none']],
  ];
  for (const [name, value, allowed] of names) oneOf(WHERE, name, value, allowed);
  for (const [name, value, low] of [
    ['patchPoints', config.patchPoints, 8],
    ['minPatchPoints', config.minPatchPoints, 1],
    ['minPositivePoints', config.minPositivePoints, config.minPatchPoints],
    ['learned.dimension', learned.dimension, 1],
    ['donors.perClass', donors.perClass, 0],
    ['donors.minPoints', donors.minPoints, 1],
    ['pseudo.surroundPoints', pseudo.surroundPoints, 1],
    ['pseudo.minAnomalyPoints', pseudo.minAnomalyPoints, 1],
    ['pseudo.maxAnomalyPoints', pseudo.maxAnomalyPoints, pseudo.minAnomalyPoints],
    ['positivesPerStep', config.positivesPerStep, 1],
    ['negativeRatio', config.negativeRatio, 1],
    ['epochs', config.epochs, 1],
  ] as const) {
    integerFrom(WHERE, name, value, low);
    if (value > MOST) throw new ArgumentError(WHERE, `${name} up to ${MOST}`, value);
  }
  for (const [name, value, isAllowed] of [
    ['learned.dropout', learned.dropout, (x: number) => x >= 0 && x < 1],
    ['classifier.dropout', classifier.dropout, (x: number) => x >= 0 && x < 1],
    ['donors.share', donors.share, (x: number) => x > 0 && x <= 1],
    ['pseudo.adding', pseudo.adding, isNotNegative],
    ['pseudo.removing', pseudo.removing, isNotNegative],
    ['pseudo.adding + removing', pseudo.adding + pseudo.removing, isPositive],
    ['contrastive.weight', contrastive.weight, isNotNegative],
    ['contrastive.temperature', contrastive.temperature, isPositive],
    ['disentanglement.weight', disentanglement.weight, isNotNegative],
    ['optimizer.lr', optimizer.lr, isPositive],
    ['optimizer.beta1', optimizer.beta1, (x: number) => x >= 0 && x < 1],
    ['optimizer.beta2', optimizer.beta2, (x: number) => x >= 0 && x < 1],
    ['optimizer.epsilon', optimizer.epsilon, isPositive],
    ['perturb.eta', perturb.eta, isNotNegative],
    ['fusion.distance', fusion.distance, isNotNegative],
    ['fusion.classification', fusion.classification, isNotNegative],
  ] as const) {
    if (!(Number.isFinite(value) && isAllowed(value)))
      throw new ArgumentError(WHERE, `a possible ${name}`, value);
  }
  const { scale } = learned;
  if (scale !== 'none' && scale !== 'match-fpfh' && !(Number.isFinite(scale) && scale > 0)) {
    throw new ArgumentError(WHERE, "learned.scale 'none', 'match-fpfh' or a number above 0", scale);
  }
  if (pointnet.groups === 'modelnet' && (pointnet.variant !== 'msg' || config.patchPoints < 512)) {
    const found = `${pointnet.variant} with ${config.patchPoints} points`;
    throw new ArgumentError(WHERE, "pointnet.groups 'modelnet' with msg and patchPoints from 512", found);
  }
  if (pointnet.groups === 'patch64' && config.patchPoints < 32) {
    throw new ArgumentError(WHERE, 'patchPoints from 32, the centres of the first level', config.patchPoints);
  }
  checkRemoveRatio(pseudo.removeRatio);
  for (const [name, flag] of [
    ['learned.enabled', learned.enabled],
    ['classifier.enabled', classifier.enabled],
    ['randomCnn.perSample', randomCnn.perSample],
    ['reweightIncludesSelf', config.reweightIncludesSelf],
  ] as const) {
    if (typeof flag !== 'boolean') throw new ArgumentError(WHERE, `${name} to be true or false`, flag);
  }
}

function checkRemoveRatio(ratio: unknown): void {
  if (Array.isArray(ratio) && ratio.length === 2 && ratio[0] >= 0 && ratio[0] <= ratio[1] && ratio[1] < 1)
    return;
  throw new ArgumentError(WHERE, 'pseudo.removeRatio [low, high] with 0 ≤ low ≤ high < 1', String(ratio));
}

function isPositive(value: number): boolean {
  return value > 0;
}

function isNotNegative(value: number): boolean {
  return value >= 0;
}
