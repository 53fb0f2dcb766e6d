import { ArgumentError } from '@anomclip/core';
import { resizeImage } from '@anomclip/core/image';
import type { NdArray } from 'ndarray';
import { estimateNormals } from '../normals.js';
import { checkPreparedCloud, type PreparedCloud } from '../prepare/prepared-cloud.js';
import { centroid, rotationX } from '../rotations.js';
import type { Xyz } from '../xyz.js';
import { type Box, unionOfBoxes } from './box.js';
import { type Camera, fitCamera } from './camera.js';
import { cellsOf } from './correspondences.js';
import { viewerLighting } from './lighting.js';
import { rowsAt } from './never-visible.js';
import { type IndexRaster, paintColours, paintGrey } from './paint.js';
import { type PlannedView, planViews } from './plan-views.js';
import { type Pose, rotateAbout } from './pose.js';
import { type Projection, projectPoints } from './project-points.js';
import type { Raster } from './raster.js';
import { rasterisePoints } from './rasterise-points.js';
import {
  type MultiViewSampleOptions,
  type ResolvedSampleOptions,
  resolveSampleOptions,
} from './sample-options.js';
import { shadePoints } from './shade-points.js';
import { viewPoses } from './view-poses.js';

/** The points of a cloud, turned upright, and the views that are to be drawn of them. F foreground cells. */
export interface SampleScene {
  /** [F] */
  readonly cells: Uint32Array;
  /** [3·F] */
  readonly positions: Float64Array;
  /** What points are painted with: normals [3·F] under lights, or colours [3·F]. */
  readonly paint: { readonly normals: Float64Array } | { readonly colours: Uint8Array };
  /** [F] 255 where anomalous. */
  readonly labels?: Uint8Array;
  readonly plans: readonly PlannedView[];
  readonly centre: Xyz;
}

/**
 * What is drawn of a cloud, with these options.
 *
 * @throws {@link ArgumentError} for missing colours and views that the schedule has not.
 */
export function prepareScene(
  cloud: PreparedCloud,
  { baseAngle, views, camera, render }: ResolvedSampleOptions,
): SampleScene {
  const { labels } = cloud;
  const { cells, points, upright, positions } = placedPoints(cloud, baseAngle);
  const centre = centroid(positions);
  const plans = planViews(positions, {
    poses: posesOf(views),
    centre,
    ...fitOf(camera),
    ...lensOf(camera, render.window),
    ...(camera.fit === 'stepBack' && { stepBack: { step: camera.fitStep } }),
  });
  return {
    cells,
    positions,
    paint:
      render.colouring === 'colours'
        ? { colours: coloursAt(cloud, cells) }
        : { normals: rotateAbout(estimateNormals(points, render.normals), upright, [0, 0, 0]) },
    ...(labels && { labels: Uint8Array.from(cells, (cell) => (labels[cell] ? 255 : 0)) }),
    plans: views.select.length === 0 ? plans : selectViews(plans, views.select),
    centre,
  };
}

/**
 * The box of all that a viewer has drawn once it has drawn every view of a cloud, also those that are not selected, and of what
 * `camera.boxes` says was drawn before: what comes `after` it.
 *
 * @returns A box with infinite corners where there was nothing to draw.
 */
export function drawnBox(cloud: PreparedCloud, options: MultiViewSampleOptions = {}): Box {
  const { baseAngle, views, camera } = resolveSampleOptions(options);
  checkPreparedCloud('drawnBox', cloud);
  const { positions } = placedPoints(cloud, baseAngle);
  const plans = planViews(positions, { poses: posesOf(views), ...fitOf(camera) });
  return unionOfBoxes(plans.map(({ box }) => box));
}

/** The foreground, as it was measured and upright. */
function placedPoints(cloud: PreparedCloud, baseAngle: number) {
  const cells = cellsOf(cloud.foreground);
  const points = rowsAt(cloud.positions, cells);
  const upright: Pose = { rotation: rotationX(baseAngle) };
  return { cells, points, upright, positions: rotateAbout(points, upright, [0, 0, 0]) };
}

function fitOf({ boxes }: ResolvedSampleOptions['camera']) {
  return typeof boxes === 'object'
    ? { cameraFit: 'accumulate' as const, drawnBefore: boxes.after }
    : { cameraFit: boxes };
}

function coloursAt({ colours }: PreparedCloud, cells: Uint32Array): Uint8Array {
  if (colours) return Uint8Array.from(rowsAt(colours, cells));
  throw new ArgumentError('createMultiViewSample: cloud', 'colours, for render.colouring', colours);
}

function posesOf({ schedule, count, angleShift, convention }: ResolvedSampleOptions['views']): Pose[] {
  return viewPoses({ schedule, angleShift, convention, ...(schedule === 'circularX' && { count }) });
}

function selectViews(plans: readonly PlannedView[], select: readonly number[]): PlannedView[] {
  return select.map((number) => {
    if (number <= plans.length) return plans[number - 1];
    throw new ArgumentError('createMultiViewSample: views.select', `views 1…${plans.length}`, number);
  });
}

function lensOf({ fieldOfView, zoom }: ResolvedSampleOptions['camera'], width: number) {
  return { width, fieldOfView, zoom };
}

/** One view of a scene. */
export interface DrawnView {
  readonly raster: Raster;
  readonly projection: Projection;
  /** [S, S, channels] */
  readonly rendering: Uint8Array;
  /** [S, S] */
  readonly mask?: Uint8Array;
}

/** Draws a view: its picture, and its ground truth where the cloud has labels. */
export function drawView(scene: SampleScene, plan: PlannedView, options: ResolvedSampleOptions): DrawnView {
  const { pointSize, coverage, size, background } = options.render;
  const { labels, paint } = scene;
  const { camera, pose, centre } = plan;
  const turned = rotateAbout(scene.positions, pose, centre);
  const projection = projectPoints(turned, camera);
  const raster = rasterisePoints(projection, camera, { pointSize, coverage });
  const rendering =
    'colours' in paint
      ? colourPicture(raster, paint.colours, background, size)
      : shadedPicture(raster, turned, paint.normals, plan, options.render);
  return { raster, projection, rendering, ...(labels && { mask: drawMask(turned, labels, plan, options) }) };
}

function shadedPicture(
  raster: Raster,
  turned: Float64Array,
  normals: Float64Array,
  { camera, pose, box }: PlannedView,
  { light, baseColour, background, size }: ResolvedSampleOptions['render'],
): Uint8Array {
  const lighting = viewerLighting(camera, box, light);
  const greys = shadePoints(turned, rotateAbout(normals, pose, [0, 0, 0]), lighting, baseColour);
  return resized(paintGrey(raster, greys, to8Bits(background)), size);
}

/** Anomalous points white, the others, which may hide them, black; cut at one half after resizing. */
function drawMask(
  turned: Float64Array,
  greys: Uint8Array,
  plan: PlannedView,
  { camera, render }: ResolvedSampleOptions,
): Uint8Array {
  const { groundTruthWindow: window, groundTruthPointSize: pointSize, coverage, size } = render;
  const own = camera.shareWithGroundTruth
    ? scaledCamera(plan.camera, window)
    : fitCamera(plan.box, lensOf(camera, window));
  const raster = rasterisePoints(projectPoints(turned, own), own, { pointSize, coverage });
  return resized(paintGrey(raster, greys, 0), size).map((value) => Number(value > 127));
}

/** The same view in a window of another size. */
function scaledCamera(camera: Camera, side: number): Camera {
  if (side === camera.width) return camera;
  const focal = (camera.focal * side) / camera.width;
  return { ...camera, width: side, height: side, focal, centreX: side / 2 - 0.5, centreY: side / 2 - 0.5 };
}

/** A raster in the colours of what it shows, at the size of the renderings. */
export function colourPicture(
  raster: IndexRaster,
  colours: Uint8Array,
  background: number,
  size: number,
): Uint8Array {
  const grey = to8Bits(background);
  return resized(paintColours(raster, colours, [grey, grey, grey]), size);
}

function resized(picture: NdArray<Uint8Array>, size: number): Uint8Array {
  return picture.shape[0] === size ? picture.data : resizeImage(picture, size, size).data;
}

function to8Bits(grey: number): number {
  return Math.round(255 * grey);
}
