import { ArgumentError } from '@anomclip/core';
import type { BackgroundOptions } from '@anomclip/pointcloud';
import { integerFrom, merge, oneOf } from '../config-checks.js';
import { checkBank, checkNeighbourhoods } from './bank-checks.js';
import type { MapBlur } from './blur.js';

/** A hybrid neighbourhood: the nearest points, the point itself among them, that are closer than `radius`. */
export interface Neighbourhood {
  readonly radius: number;
  readonly maxNeighbours: number;
}

/**
 * `'none'`: the sign that the eigenvector comes with. `'camera'`: towards the origin. `'+z'`: along +z.
 * `'consistent'`: as the neighbours have it, see `orientNormalsConsistently`.
 */
export type NormalOrientation = 'none' | 'camera' | '+z' | 'consistent';

/** How the bank is made and asked, the same for scans and clouds. */
export interface BankConfig {
  /** Share of the feature rows that the bank keeps, in (0, 1]. @defaultValue 0.1 */
  readonly coresetRatio: number;
  /** Whether the coreset is chosen on a sparse random projection where that is shorter. @defaultValue 'sparse' */
  readonly projection: 'sparse' | 'none';
  /** Relative error that the projection is made for, in (0, 1). @defaultValue 0.9 */
  readonly coresetEps: number;
  /** The feature row chosen first. @defaultValue 0 */
  readonly coresetStart: number;
  /** Bank rows that reweight the image score; 1 for none. @defaultValue 3 */
  readonly reweightNeighbours: number;
  /** Of all random choices. @defaultValue 0 */
  readonly seed: number;
}

/** Everything BTF's numbers depend on, on organised scans. Lengths in the unit of the scans; the defaults are metres. */
export interface BtfConfig extends BankConfig {
  /** The features in the bank. @defaultValue 'fpfh' */
  readonly modality: 'fpfh';
  /** Side of the grid that features are computed on. @defaultValue 224 */
  readonly size: number;
  /** Side of the grid of patches that are compared with the bank. @defaultValue 28 */
  readonly patches: number;
  /** `'btf'` cleans every scan with `removeBackground`; `'raw'` takes it as it comes. @defaultValue 'btf' */
  readonly preprocess: 'btf' | 'raw';
  /** Passed on to `removeBackground`. @defaultValue its own defaults */
  readonly background: Omit<BackgroundOptions, 'rng'>;
  /** @defaultValue radius 0.1, maxNeighbours 30 */
  readonly normals: Neighbourhood;
  /** @defaultValue radius 0.25, maxNeighbours 100 */
  readonly fpfh: Neighbourhood;
  /** @defaultValue 'none' */
  readonly normalOrientation: NormalOrientation;
  /** @defaultValue 'pillow8' */
  readonly blur: MapBlur;
  /**
   * `'input'`: an anomaly map has the height and width of its scan. `'model'`: it is size×size on the padded scan,
   * as the paper evaluates it; `toModelGrid` brings a mask there.
   * @defaultValue 'input'
   */
  readonly mapSize: 'input' | 'model';
}

export const bankDefaults: BankConfig = {
  coresetRatio: 0.1,
  projection: 'sparse',
  coresetEps: 0.9,
  coresetStart: 0,
  reweightNeighbours: 3,
  seed: 0,
};

const defaults: BtfConfig = {
  ...bankDefaults,
  modality: 'fpfh',
  size: 224,
  patches: 28,
  preprocess: 'btf',
  background: {},
  normals: { radius: 0.1, maxNeighbours: 30 },
  fpfh: { radius: 0.25, maxNeighbours: 100 },
  normalOrientation: 'none',
  blur: 'pillow8',
  mapSize: 'input',
};

/** Named configurations: `'reference'` is what the released program computes, maps on its own grid included. */
export const btfPresets = {
  reference: { ...defaults, mapSize: 'model' },
} as const satisfies Record<string, BtfConfig>;

/**
 * The defaults with what is given, checked.
 *
 * @throws {@link ArgumentError} when a name is unknown or a value cannot work.
 */
export function btfConfig(given: Partial<BtfConfig> = {}): BtfConfig {
  const config = merge(WHERE, defaults, given);
  checkBank(WHERE, config);
  oneOf(WHERE, 'modality', config.modality, ['fpfh']);
  integerFrom(WHERE, 'size', config.size, 3);
  integerFrom(WHERE, 'patches', config.patches, 1);
  oneOf(WHERE, 'preprocess', config.preprocess, ['btf', 'raw']);
  if (typeof config.background !== 'object' || config.background === null) {
    throw new ArgumentError(WHERE, 'background to be options of removeBackground', config.background);
  }
  checkNeighbourhoods(WHERE, config);
  oneOf(WHERE, 'normalOrientation', config.normalOrientation, normalOrientations);
  oneOf(WHERE, 'blur', config.blur, ['pillow8', 'float', 'none']);
  oneOf(WHERE, 'mapSize', config.mapSize, ['input', 'model']);
  return config;
}

const WHERE = 'BtfConfig';

export const normalOrientations: readonly NormalOrientation[] = ['none', 'camera', '+z', 'consistent'];
