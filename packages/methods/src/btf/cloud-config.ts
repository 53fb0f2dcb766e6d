import { ArgumentError } from '@anomclip/core';
import { integerFrom, merge, oneOf, positiveLength } from '../config-checks.js';
import { checkBank, checkNeighbourhoods } from './bank-checks.js';
import {
  type BankConfig,
  bankDefaults,
  type Neighbourhood,
  type NormalOrientation,
  normalOrientations,
} from './config.js';

/** Everything BTF's numbers depend on, on clouds without a grid. */
export interface BtfCloudConfig extends BankConfig {
  /**
   * The length that the two radii count in, in the unit of the clouds. `'auto'`: six times the mean distance between
   * neighbouring points of the first training cloud, where `maxNeighbours` decides and the radii only bound it.
   * @defaultValue 'auto'
   */
  readonly voxel: number | 'auto';
  /** `radius` in voxels. @defaultValue radius 2, maxNeighbours 30 */
  readonly normals: Neighbourhood;
  /** `radius` in voxels. @defaultValue radius 5, maxNeighbours 100 */
  readonly fpfh: Neighbourhood;
  /** `'given'`: towards the side of the cloud's own normals, which every cloud must then have. @defaultValue 'none' */
  readonly normalOrientation: NormalOrientation | 'given';
  /** Every how many points of a training cloud one goes to the bank, before the coreset. @defaultValue 1 */
  readonly bankEvery: number;
  /** Every how many points of a cloud one is scored; the others take the score of the nearest one. @defaultValue 1 */
  readonly scoreEvery: number;
  /**
   * Every point score is the mean over this many scored points nearest to it: what pooling and blur are on scans. 1 for
   * none, as in the benchmark; 50 finds defects of a hundred points and more much better.
   * @defaultValue 1
   */
  readonly smoothNeighbours: number;
}

const defaults: BtfCloudConfig = {
  ...bankDefaults,
  voxel: 'auto',
  normals: { radius: 2, maxNeighbours: 30 },
  fpfh: { radius: 5, maxNeighbours: 100 },
  normalOrientation: 'none',
  bankEvery: 1,
  scoreEvery: 1,
  smoothNeighbours: 1,
};

/** Named configurations: `'real3dAd'` is how the Real3D-AD benchmark runs BTF, on clouds in millimetres. */
export const btfCloudPresets = {
  real3dAd: { ...defaults, voxel: 0.5, bankEvery: 100, scoreEvery: 500, coresetRatio: 1 },
} as const satisfies Record<string, BtfCloudConfig>;

/**
 * The defaults with what is given, checked.
 *
 * @throws {@link ArgumentError} when a name is unknown or a value cannot work.
 */
export function btfCloudConfig(given: Partial<BtfCloudConfig> = {}): BtfCloudConfig {
  const config = merge(WHERE, defaults, given);
  checkBank(WHERE, config);
  if (config.voxel !== 'auto') positiveLength(WHERE, 'voxel', config.voxel);
  checkNeighbourhoods(WHERE, config);
  oneOf(WHERE, 'normalOrientation', config.normalOrientation, [...normalOrientations, 'given']);
  integerFrom(WHERE, 'bankEvery', config.bankEvery, 1);
  integerFrom(WHERE, 'scoreEvery', config.scoreEvery, 1);
  integerFrom(WHERE, 'smoothNeighbours', config.smoothNeighbours, 1);
  return config;
}

/** The configuration of a fitted detector: every length is known. */
export interface FittedBtfCloudConfig extends BtfCloudConfig {
  readonly voxel: number;
}

/** The same for a fitted detector. @throws {@link ArgumentError} also when `voxel` is `'auto'`. */
export function fittedBtfCloudConfig(given: Partial<BtfCloudConfig>): FittedBtfCloudConfig {
  const { voxel, ...rest } = btfCloudConfig(given);
  if (voxel === 'auto') throw new ArgumentError(WHERE, 'voxel to be a length once fitted', voxel);
  return { ...rest, voxel };
}

const WHERE = 'BtfCloudConfig';
