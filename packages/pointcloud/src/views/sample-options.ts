import { ArgumentError } from '@anomclip/core';
import { checkChoice, checkCount } from '../check-points.js';
import type { Box } from './box.js';
import type { OutOfFrame } from './correspondences.js';
import type { ViewerLightingOptions } from './lighting.js';
import type { NeverVisible } from './never-visible.js';
import type { RasterisePointsOptions } from './rasterise-points.js';
import { type SampleDataset, type SamplePreset, samplePreset } from './sample-presets.js';
import type { ViewSchedule } from './view-poses.js';

/** Which poses the cloud is rendered in; see `viewPoses`. */
export interface SampleViews {
  /** @defaultValue 'circularX' */
  schedule?: ViewSchedule;
  /** Views of `circularX`. @defaultValue 9 */
  count?: number;
  /** Radians added to every angle. @defaultValue 0 */
  angleShift?: number;
  /** How `grid27` combines its angles. @defaultValue 'xyz' */
  convention?: 'xyz' | 'paper';
  /** The views of the schedule that are rendered, counted from 1, in this order; none means all. @defaultValue [] */
  select?: readonly number[];
}

export interface SampleCamera {
  /** Radians from the top to the bottom of the window. @defaultValue π / 3 */
  fieldOfView?: number;
  /** @defaultValue 0.7 */
  zoom?: number;
  /**
   * The box each camera is fitted to: that of its own view; of all views of the schedule; or of all views so far, as in a
   * viewer that is never reset, which may have drawn other clouds before: see {@link drawnBox}. @defaultValue 'view'
   */
  boxes?: 'view' | 'sample' | 'accumulate' | { readonly after: Box };
  /** Whether cameras move back until they see all points. @defaultValue 'none' */
  fit?: 'none' | 'stepBack';
  /** Length of a step back, in the unit of the cloud. @defaultValue 0.005 */
  fitStep?: number;
  /** Whether the ground truth is drawn from the moved camera too. @defaultValue true */
  shareWithGroundTruth?: boolean;
}

export interface SampleRendering {
  /** Side of the window in pixels. @defaultValue 1024 */
  window?: number;
  /** Side of the renderings and masks in pixels. @defaultValue 336 */
  size?: number;
  /** Side of a point in pixels of the window. @defaultValue of the dataset and class, else 8 */
  pointSize?: number;
  /** @defaultValue 'centred' */
  coverage?: RasterisePointsOptions['coverage'];
  /** Side of the window of the ground truth. @defaultValue `window` */
  groundTruthWindow?: number;
  /** @defaultValue 6 */
  groundTruthPointSize?: number;
  /** Grey under the four lights, or the colours of the points as they are. @defaultValue 'shaded' */
  colouring?: 'shaded' | 'colours';
  /** The grey that is shaded, 0…1. @defaultValue 0.7 */
  baseColour?: number;
  /** Grey where nothing is seen, 0…1. @defaultValue 1 */
  background?: number;
  light?: ViewerLightingOptions;
  /** Neighbourhoods of the normals: `radius`, in the unit of the cloud, and most neighbours. @defaultValue of the dataset, else 30 at any distance */
  normals?: { readonly radius?: number; readonly maxNeighbours?: number };
}

export interface SampleVisibility {
  /** Cells along each side of the raster of the depth test. @defaultValue `render.size` */
  resolution?: number;
  /** @defaultValue 'invisible' */
  outOfFrame?: OutOfFrame;
  /** Where points that no view shows look; `'auto'`: by raster in grids, in space in loose clouds. @defaultValue 'auto' */
  unseen?: 'auto' | NeverVisible;
}

/** What a sample holds besides its renderings and masks. */
export interface SampleKeep {
  /** Pixel and visibility of every cell. @defaultValue true */
  correspondences?: boolean;
  /** Which cell each pixel of the window shows, for recolouring. @defaultValue false */
  indexMaps?: boolean;
}

/** Options of {@link createMultiViewSample}. What is given here overrides preset and dataset. */
export interface MultiViewSampleOptions {
  /**
   * `'recommended'`; `'released'`, what the published code of PointAD does; `'paper'`, what its paper says; `'clip3d'`,
   * what CLIP3D-AD needs: five of 27 tilts, coloured, at 240, with index maps instead of correspondences.
   * @defaultValue 'recommended'
   */
  preset?: SamplePreset;
  /** Fits turn, normals and point size to a dataset. Without it they fit any scan in the frame of a depth sensor. */
  dataset?: SampleDataset;
  /** Picks point size and views of a class, such as `cable_gland`. */
  className?: string;
  /** Radians by which the cloud is turned about x first. @defaultValue of the dataset, else π, which puts a sensor's frame upright */
  baseAngle?: number;
  views?: SampleViews & {
    /** Classes with views of their own. */
    perClass?: Readonly<Record<string, SampleViews>>;
  };
  camera?: SampleCamera;
  render?: SampleRendering;
  visibility?: SampleVisibility;
  keep?: SampleKeep;
}

/** Options with every choice made, plain enough for JSON: equal ones make equal samples of a cloud. */
export interface ResolvedSampleOptions {
  readonly baseAngle: number;
  readonly views: Readonly<Required<SampleViews>>;
  readonly camera: Readonly<Required<SampleCamera>>;
  readonly render: Readonly<Required<SampleRendering>> & { readonly light: Required<ViewerLightingOptions> };
  readonly visibility: Readonly<Required<SampleVisibility>>;
  readonly keep: Readonly<Required<SampleKeep>>;
}

/**
 * Makes every choice: defaults, then dataset, class and preset, then what is given. Resolved options resolve to themselves.
 *
 * @throws {@link ArgumentError} for unknown names and numbers that cannot be.
 */
export function resolveSampleOptions(options: MultiViewSampleOptions = {}): ResolvedSampleOptions {
  const { preset = 'recommended', dataset, className = '', ...groups } = options;
  const chosen = samplePreset(preset, dataset, className);
  const { perClass, ...given } = groups.views ?? {};
  const ofClass = perClass && Object.hasOwn(perClass, className) ? perClass[className] : {};
  checkNames('options', groups, [...Object.keys(defaults), 'baseAngle']);
  const { light, normals, ...rendering } = groups.render ?? {};
  const render = merge('render', defaults.render, chosen.render, rendering);
  const size = { ...defaults.visibility, resolution: render.size };
  const neighbourhood = merge(
    'render.normals',
    { radius: Infinity, maxNeighbours: 30 },
    chosen.normals,
    normals,
  );
  const { radius, maxNeighbours } = neighbourhood;
  const resolved: ResolvedSampleOptions = {
    baseAngle: groups.baseAngle ?? chosen.baseAngle ?? Math.PI,
    views: merge('views', defaults.views, chosen.views, given, ofClass),
    camera: merge('camera', defaults.camera, chosen.camera, groups.camera),
    render: {
      ...render,
      groundTruthWindow: render.groundTruthWindow || render.window,
      light: merge('render.light', defaultLight, light),
      normals: radius === Infinity ? { maxNeighbours } : neighbourhood,
    },
    visibility: merge('visibility', size, chosen.visibility, groups.visibility),
    keep: merge('keep', defaults.keep, chosen.keep, groups.keep),
  };
  checkResolved(resolved);
  return resolved;
}

const where = 'resolveSampleOptions';

const defaults: {
  views: Required<SampleViews>;
  camera: Required<SampleCamera>;
  render: Required<Omit<SampleRendering, 'light' | 'normals'>>;
  visibility: Required<SampleVisibility>;
  keep: Required<SampleKeep>;
} = {
  views: { schedule: 'circularX', count: 9, angleShift: 0, convention: 'xyz', select: [] },
  camera: {
    fieldOfView: Math.PI / 3,
    zoom: 0.7,
    boxes: 'view',
    fit: 'none',
    fitStep: 0.005,
    shareWithGroundTruth: true,
  },
  render: {
    window: 1024,
    size: 336,
    pointSize: 8,
    coverage: 'centred',
    groundTruthWindow: 0, // stands for `window`
    groundTruthPointSize: 6,
    colouring: 'shaded',
    baseColour: 0.7,
    background: 1,
  },
  visibility: { resolution: 336, outOfFrame: 'invisible', unseen: 'auto' },
  keep: { correspondences: true, indexMaps: false },
};

const defaultLight = { diffuse: 0.66, specular: 0.2, shininess: 100, ambient: 0, distance: 2 };

/** Later groups win; what they leave undefined they leave alone. Keys come in the order of the first group. */
function merge<T extends object>(name: string, first: T, ...later: (Partial<T> | undefined)[]): T {
  const merged = { ...first };
  for (const group of later) {
    if (group === undefined) continue;
    checkNames(name, group, Object.keys(first));
    for (const [key, value] of Object.entries(group)) {
      if (value !== undefined) Object.assign(merged, { [key]: value });
    }
  }
  return merged;
}

function checkNames(name: string, group: object, known: readonly string[]): void {
  if (typeof group !== 'object' || group === null)
    throw new ArgumentError(`${where}: ${name}`, 'an object', group);
  const unknown = Object.keys(group).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new ArgumentError(`${where}: ${name}`, `only ${known.join(', ')}`, unknown);
  }
}

/** What the functions that take the options check themselves is left to them, unless it would fail late. */
function checkResolved({ baseAngle, views, camera, render, visibility, keep }: ResolvedSampleOptions): void {
  const schedules = ['circularX', 'tiltMvtec9', 'tiltEyecandies9', 'grid27'] as const;
  checkChoice(where, 'views.schedule', views.schedule, schedules);
  checkChoice(where, 'views.convention', views.convention, ['xyz', 'paper']);
  checkBoxes(camera.boxes);
  checkChoice(where, 'camera.fit', camera.fit, ['none', 'stepBack']);
  checkChoice(where, 'render.coverage', render.coverage ?? 'centred', ['centred', 'roundHalfUp']);
  checkChoice(where, 'render.colouring', render.colouring, ['shaded', 'colours']);
  checkChoice(where, 'visibility.outOfFrame', visibility.outOfFrame, ['invisible', 'clamp']);
  checkChoice(where, 'visibility.unseen', visibility.unseen, ['auto', 'rasterNeighbour', 'spatialNeighbour']);
  checkCount(where, 'views.count', views.count);
  if (!Array.isArray(views.select)) throw new ArgumentError(`${where}: views.select`, 'a list', views.select);
  for (const view of views.select) checkCount(where, 'views.select', view);
  for (const side of ['window', 'size', 'groundTruthWindow'] as const) {
    checkSide(`render.${side}`, render[side]);
  }
  checkSide('visibility.resolution', visibility.resolution);
  checkCount(where, 'render.normals.maxNeighbours', render.normals.maxNeighbours ?? 0);
  checkRange('baseAngle', baseAngle, -Infinity, Infinity);
  checkRange('views.angleShift', views.angleShift, -Infinity, Infinity);
  checkRange('camera.fieldOfView', camera.fieldOfView, 0, Math.PI);
  for (const [name, value] of [
    ['camera.zoom', camera.zoom],
    ['camera.fitStep', camera.fitStep],
    ['render.normals.radius', render.normals.radius ?? 1],
  ] as const) {
    checkRange(name, value, 0, Infinity);
  }
  for (const [name, value] of Object.entries(render.light))
    checkUnit(`render.light.${name}`, value, Infinity);
  checkUnit('render.baseColour', render.baseColour, 1);
  checkUnit('render.background', render.background, 1);
  checkRange('render.pointSize', render.pointSize, 1 - Number.EPSILON, Infinity);
  checkRange('render.groundTruthPointSize', render.groundTruthPointSize, 1 - Number.EPSILON, Infinity);
  for (const flag of [camera.shareWithGroundTruth, keep.correspondences, keep.indexMaps]) {
    if (typeof flag !== 'boolean') throw new ArgumentError(`${where}: flags`, 'true or false', flag);
  }
}

function checkBoxes(boxes: Required<SampleCamera>['boxes']): void {
  if (typeof boxes !== 'object' || boxes === null) {
    checkChoice(where, 'camera.boxes', boxes, ['view', 'sample', 'accumulate']);
    return;
  }
  const { low, high } = boxes.after ?? {};
  const isCorner = (corner: unknown) =>
    Array.isArray(corner) && corner.length === 3 && corner.every(Number.isFinite);
  if (isCorner(low) && isCorner(high) && low.every((value, axis) => value <= high[axis])) return;
  throw new ArgumentError(
    `${where}: camera.boxes`,
    'after: a box { low, high } of finite numbers',
    boxes.after,
  );
}

/** Windows larger than this are a mistake: one raster would take a gigabyte. */
const maxSide = 8192;

function checkSide(name: string, side: number): void {
  checkCount(where, name, side);
  if (side > maxSide) throw new ArgumentError(`${where}: ${name}`, `at most ${maxSide} pixels`, side);
}

function checkRange(name: string, value: number, above: number, below: number): void {
  if (typeof value === 'number' && value > above && value < below) return;
  throw new ArgumentError(`${where}: ${name}`, `a number between ${above} and ${below}`, value);
}

function checkUnit(name: string, value: number, most: number): void {
  if (typeof value === 'number' && value >= 0 && value <= most && value < Infinity) return;
  throw new ArgumentError(`${where}: ${name}`, `a finite number from 0 to ${most}`, value);
}
