import { ArgumentError } from '@anomclip/core';
import type { NsaOptions } from './nsa.js';

/**
 * The settings of NSA for one class, ready to pass on: `{ ...nsaSettings('mvtec-ad', 'screw'), source }`.
 *
 * `visa` are those of CLIP-FSAC++, the same for all classes; `mvtec-ad` those of NSA with logistic labels (Schlüter et
 * al. 2022), for which pass another training image as `source`, or none to use the image itself.
 *
 * @throws {@link ArgumentError} for another data set or an unknown class of MVTec AD.
 */
export function nsaSettings(dataset: 'mvtec-ad' | 'visa', className: string): NsaOptions {
  if (dataset === 'visa') return {};
  if (dataset !== 'mvtec-ad') throw new ArgumentError('nsaSettings', "'mvtec-ad' or 'visa'", dataset);
  if (!Object.hasOwn(classes, className)) {
    throw new ArgumentError('nsaSettings', `a class, one of ${Object.keys(classes).join(', ')}`, className);
  }
  const {
    rows = 0.4,
    columns = 0.4,
    least = 0.03,
    patches,
    logistic,
    background,
    minObject,
  } = classes[className];
  return {
    widthBounds: [
      [least, rows],
      [least, columns],
    ],
    numPatches: patches,
    logisticParams: logistic,
    ...(background === undefined
      ? {}
      : {
          background: [{ brightness: background[0], threshold: background[1] }],
          minObjectPct: minObject,
          minOverlapPct: 0.25,
        }),
    ...(textures.has(className)
      ? { mode: 'mixed', resizeBounds: [0.5, 2] }
      : { mode: 'normal', resizeBounds: [0.7, 1.3] }),
  };
}

interface ClassSettings {
  /** Largest half height as a share of the image. @defaultValue 0.4 */
  readonly rows?: number;
  /** Largest half width. @defaultValue 0.4 */
  readonly columns?: number;
  /** Smallest of both. @defaultValue 0.03 */
  readonly least?: number;
  readonly patches: number;
  readonly logistic: readonly [k: number, x0: number];
  readonly background?: readonly [brightness: number, threshold: number];
  readonly minObject?: number;
}

const texture: ClassSettings = { patches: 4, logistic: [1 / 3, 7] };

const classes: Readonly<Record<string, ClassSettings>> = {
  bottle: { patches: 3, logistic: [1 / 12, 24], background: [200, 60], minObject: 0.7 },
  cable: { least: 0.05, patches: 3, logistic: [1 / 12, 24] },
  capsule: { rows: 0.15, patches: 3, logistic: [1 / 2, 4], background: [200, 60], minObject: 0.7 },
  hazelnut: {
    rows: 0.35,
    columns: 0.35,
    patches: 3,
    logistic: [1 / 12, 24],
    background: [20, 20],
    minObject: 0.7,
  },
  metal_nut: { patches: 3, logistic: [1 / 3, 7], background: [20, 20], minObject: 0.5 },
  pill: { rows: 0.2, patches: 3, logistic: [1 / 3, 7], background: [20, 20], minObject: 0.7 },
  screw: { rows: 0.12, columns: 0.12, patches: 4, logistic: [1, 3], background: [200, 60], minObject: 0.5 },
  toothbrush: { columns: 0.2, patches: 3, logistic: [1 / 6, 15], background: [20, 20], minObject: 0.25 },
  transistor: { patches: 3, logistic: [1 / 6, 15] },
  zipper: { columns: 0.2, patches: 4, logistic: [1 / 6, 15], background: [200, 60], minObject: 0.7 },
  carpet: texture,
  grid: texture,
  leather: texture,
  tile: texture,
  wood: { ...texture, logistic: [1 / 6, 15] },
};

const textures: ReadonlySet<string> = new Set(['carpet', 'grid', 'leather', 'tile', 'wood']);
