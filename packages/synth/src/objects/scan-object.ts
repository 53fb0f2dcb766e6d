import { ArgumentError, type OrganisedCloud } from '@anomclip/core';
import type { Image, Mask } from '@anomclip/core/image';
import type { Rng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { drawPose, type PinholeCamera, sensorCamera, standoff } from './camera.js';
import { categories, defectTypesOf, type ObjectCategory, objectCategories } from './categories.js';
import { contrast } from './colours.js';
import { type DefectType, damage, defectTypes } from './damage.js';
import type { ModelBuilder, ObjectModel } from './object-model.js';
import { drawPhotographer } from './photographer.js';
import { regionSizes } from './regions.js';
import { changedBox, rasterise } from './relief.js';
import { drawSetup, type RawScan, scanRelief } from './scan-relief.js';
import { plainStation, type Station, stations } from './station.js';
import { wearPart } from './wear.js';

export interface ScanOptions {
  /** Rows, 32 to 2048. @defaultValue 256 */
  height?: number;
  /** Columns, 32 to 2048. @defaultValue 256 */
  width?: number;
  /** The defect, one of `defectTypesOf(category)`; none gives a normal object. */
  defect?: DefectType;
  /** How obvious the defect is, 0 barely visible to 1 obvious. @defaultValue uniform in [0, 1], drawn from the rng */
  severity?: number;
  /**
   * Standard deviation of z in metres where the sensor looks straight at the surface; it grows with the inverse
   * cosine of incidence, up to fourfold. @defaultValue 0.0001
   */
  noise?: number;
  /**
   * What the sensor misses: `true` steep surfaces, places its projector cannot see, and 0.3 % of all pixels at
   * random; a number in [0, 1) replaces the 0.3 %; `false` nothing. @defaultValue true
   */
  missing?: boolean | number;
  /**
   * Share of points that are measured 1 to 4 cm too near, in [0, 1): stray clusters for the preprocessing to drop.
   * @defaultValue 0.0003
   */
  flyingPoints?: number;
  /**
   * Background, lights, colour camera, and how parts differ: `plain`, or `factory`, another one for every category as
   * real inspection has it, far from what a CLIP learned on procedural pictures knows; or your own. @defaultValue 'plain'
   */
  station?: 'plain' | 'factory' | Station;
  /** Whether the object lies on a plane; without it everything beside the object is missing and black. @defaultValue true */
  supportPlane?: boolean;
}

/** A scan with its exact ground truth. All arrays are the caller's. */
export interface SyntheticScan {
  readonly category: ObjectCategory;
  /** The kind of defect; `good` as benchmark folders spell normal. */
  readonly defectType: 'good' | DefectType;
  /** xyz [H, W, 3], metres, x right, y down, z forward, (0, 0, 0) where nothing was measured. */
  readonly organised: OrganisedCloud;
  /** [H, W, 3], pixel-registered with the cloud. */
  readonly image: Image;
  /**
   * [H, W]: 1 exactly where the point, or the light from the surface, differs from the same scan without the defect.
   * Shadows that a defect casts, and what the lens blurs of it into its surroundings, are not in the mask.
   */
  readonly mask: Mask;
  /** How plain the defect is; absent for normal objects. */
  readonly defect?: DefectMeasures;
  readonly camera: PinholeCamera;
}

/** A defect, measured against the same scan without it. */
export interface DefectMeasures {
  /** As asked for or drawn, 0 to 1. */
  readonly severity: number;
  /** Share of the image's pixels in the mask. */
  readonly area: number;
  /** Largest change of z in the mask, metres. */
  readonly depth: number;
  /** Mean over the mask of the change of the image, the most changed channel of each pixel, grey levels. */
  readonly contrast: number;
}

/**
 * Scans a procedural object from above, with or without a defect.
 *
 * The same `rng` gives the same bytes on every platform; the streams for object, pose, light, sensor noise and defect are forked
 * from it, so the scan without a `defect` is the same scan but for the pixels in the mask.
 *
 * @throws {@link ArgumentError} when an option is out of range or the category cannot have the defect.
 */
export function scanObject(category: ObjectCategory, rng: Rng, options: ScanOptions = {}): SyntheticScan {
  if (!objectCategories.includes(category)) {
    throw new ArgumentError('scanObject', `a category, one of ${objectCategories.join(', ')}`, category);
  }
  const { defect } = options;
  if (defect !== undefined && !defectTypesOf(category).includes(defect)) {
    throw new ArgumentError(
      'scanObject',
      `a defect of ${category}, one of ${defectTypesOf(category).join(', ')}`,
      defect,
      'see defectTypesOf()',
    );
  }
  const station = options.station === 'factory' ? stations[category] : options.station;
  return {
    category,
    defectType: defect ?? 'good',
    ...scanModel(categories[category].build, rng, { ...options, station }),
  };
}

/** Options of {@link scanModel}. */
export interface ModelScanOptions extends Omit<ScanOptions, 'station'> {
  /** @defaultValue 'plain' */
  station?: 'plain' | Station;
}

/**
 * As {@link scanObject} does, for an object of your own and any defect.
 *
 * @throws {@link ArgumentError} when an option is out of range, the object is larger than 0.1 m from its origin, or
 *   nothing of it is high enough above the support (6.5 mm) to hold the defect.
 */
export function scanModel(
  build: ModelBuilder,
  rng: Rng,
  options: ModelScanOptions = {},
): Omit<SyntheticScan, 'category' | 'defectType'> {
  const { height = 256, width = 256, defect, noise = 0.0001, missing = true, supportPlane = true } = options;
  const { flyingPoints = 0.0003, severity = rng.fork('severity').uniform() } = options;
  const station =
    options.station === undefined || options.station === 'plain' ? plainStation : options.station;
  const dropout = missing === true ? 0.003 : missing === false ? null : missing;
  if (defect !== undefined && !defectTypes.includes(defect)) {
    throw new ArgumentError('scanObject', `a defect, one of ${defectTypes.join(', ')}`, defect);
  }
  assertOptions({ height, width, severity, noise, dropout, flyingPoints });

  const camera = sensorCamera(height, width);
  const model = build(rng.fork('object'));
  assertModel(model);
  const pose = drawPose(rng.fork('pose'), model.turn);
  const setup = drawSetup(rng, {
    camera,
    pose,
    gloss: model.gloss,
    station,
    supportPlane,
    noise,
    dropout,
    flyingPoints,
  });
  const photographer = drawPhotographer(rng, camera, station.lens);
  const relief = wearPart(rasterise(model, reliefPitch(camera)), rng.fork('wear'), station);
  const normal = scanRelief(relief, setup);
  const normalImage = photographer(normal.light);
  if (defect === undefined) return assemble(normal.xyz, normalImage, new Uint8Array(height * width), camera);

  // Where the sensor sees nothing of the defect, or crumbs of it behind an edge, another place is tried. The crumbs
  // would count as defects of their own in per-region scores.
  let best: { scan: RawScan; mask: Uint8Array; strays: number } | undefined;
  for (let attempt = 0; attempt < 12 && best?.strays !== 0; attempt++) {
    const damaged = damage(relief, defect, rng.fork('defect', attempt), { severity, flesh: model.flesh });
    const scan = scanRelief(damaged, setup, { scan: normal, changed: changedBox(relief, damaged) });
    const mask = differences(normal, scan);
    const sizes = regionSizes(mask, width);
    const strays = sizes.filter((size) => size < 0.05 * Math.max(...sizes)).length;
    if (sizes.length > 0 && strays < (best?.strays ?? Number.POSITIVE_INFINITY)) {
      best = { scan, mask, strays };
    }
  }
  if (best === undefined) {
    throw new ArgumentError(
      'scanObject',
      'an object on which a defect can be seen',
      defect,
      'raise severity or the size of the image',
    );
  }
  const image = photographer(best.scan.light);
  return {
    ...assemble(best.scan.xyz, image, best.mask, camera),
    defect: { severity, ...measure(best.mask, normal.xyz, best.scan.xyz, normalImage, image) },
  };
}

/** Nodes somewhat closer than pixels; bounded so that thin walls survive in thumbnails. */
function reliefPitch({ fx }: PinholeCamera): number {
  return Math.min(0.0004, (0.6 * standoff) / fx);
}

/** 1 where a scan of the damaged object has another point or another light than that of the normal one. */
function differences(normal: RawScan, damaged: RawScan): Uint8Array {
  const mask = new Uint8Array(normal.xyz.length / 3);
  for (let i = 0; i < normal.xyz.length; i++) {
    if (normal.xyz[i] !== damaged.xyz[i] || normal.surface[i] !== damaged.surface[i])
      mask[Math.floor(i / 3)] = 1;
  }
  return mask;
}

function measure(
  mask: Uint8Array,
  normalXyz: Float32Array,
  xyz: Float32Array,
  normalImage: Uint8Array,
  image: Uint8Array,
): Omit<DefectMeasures, 'severity'> {
  let pixels = 0;
  let depth = 0;
  let change = 0;
  for (let pixel = 0; pixel < mask.length; pixel++) {
    if (mask[pixel] === 0) continue;
    pixels++;
    const [before, after] = [normalXyz[3 * pixel + 2], xyz[3 * pixel + 2]];
    if (before !== 0 && after !== 0) depth = Math.max(depth, Math.abs(after - before));
    const at = 3 * pixel;
    change += contrast(image.subarray(at, at + 3), normalImage.subarray(at, at + 3));
  }
  return { area: pixels / mask.length, depth, contrast: change / pixels };
}

function assemble(xyz: Float32Array, rgb: Uint8Array, mask: Uint8Array, camera: PinholeCamera) {
  const { height, width } = camera;
  return {
    organised: { xyz: ndarray(xyz, [height, width, 3]) },
    image: ndarray(rgb, [height, width, 3]),
    mask: ndarray(mask, [height, width]),
    camera,
  };
}

function assertModel({ reach, top }: ObjectModel): void {
  for (const [name, length] of [
    ['reach', reach],
    ['top', top],
  ] as const) {
    if (!(length > 0 && length <= 0.1)) {
      throw new ArgumentError('scanModel', `${name} of the model in (0, 0.1] metres`, length);
    }
  }
}

interface CheckedOptions {
  height: number;
  width: number;
  severity: number;
  noise: number;
  dropout: number | null;
  flyingPoints: number;
}

function assertOptions({ height, width, severity, noise, dropout, flyingPoints }: CheckedOptions): void {
  for (const [name, side] of [
    ['height', height],
    ['width', width],
  ] as const) {
    if (!Number.isInteger(side) || side < 32 || side > 2048) {
      throw new ArgumentError('scanObject', `${name} to be a whole number in 32…2048`, side);
    }
  }
  if (!(severity >= 0 && severity <= 1))
    throw new ArgumentError('scanObject', 'severity in [0, 1]', severity);
  if (!(noise >= 0 && noise < 0.1)) {
    throw new ArgumentError(
      'scanObject',
      'noise in [0, 0.1) metres',
      noise,
      'real sensors have about 0.0001',
    );
  }
  if (dropout !== null && !(dropout >= 0 && dropout < 1)) {
    throw new ArgumentError('scanObject', 'missing to be true, false or a share in [0, 1)', dropout);
  }
  if (!(flyingPoints >= 0 && flyingPoints < 1)) {
    throw new ArgumentError('scanObject', 'flyingPoints in [0, 1)', flyingPoints);
  }
}
