import { ArgumentError, type LongWorkOptions } from '@anomclip/core';
import { type Image, resizeImage } from '@anomclip/core/image';
import ndarray, { type NdArray } from 'ndarray';
import { estimateNormals } from '../normals.js';
import { checkPreparedCloud, type PreparedCloud } from '../prepare/prepared-cloud.js';
import { centroid, rotationX } from '../rotations.js';
import type { Xyz } from '../xyz.js';
import { type Camera, fitCamera } from './camera.js';
import { type Correspondences, cellsOf, findCorrespondences, type ProjectedView } from './correspondences.js';
import { viewerLighting } from './lighting.js';
import { fillNeverVisible, rowsAt } from './never-visible.js';
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

/** A cloud seen from several sides, as methods of many views train and test on it. V views, N cells, S pixels a side. */
export interface MultiViewSample
  extends Pick<PreparedCloud, 'foreground' | 'grid' | 'labels' | 'targets' | 'image'> {
  /** What the sample was made with. */
  readonly options: ResolvedSampleOptions;
  readonly viewCount: number;
  /** [V, S, S, channels], S = `options.render.size`; one channel of grey, or three of colour. */
  readonly renderings: Uint8Array;
  readonly channels: 1 | 3;
  /** [V, S, S] 1 where an anomalous point is seen. Only there when the cloud has labels. */
  readonly masks?: Uint8Array;
  /**
   * One per view, for the window. A cell's place in it: turn its position about x and the origin by `options.baseAngle`,
   * then by the pose about `centre`, and project.
   */
  readonly cameras: readonly Camera[];
  readonly poses: readonly Pose[];
  readonly centre: Xyz;
  /** Pixel and visibility of every cell, with those that no view shows filled. Only there when kept. */
  readonly correspondences?: Correspondences;
  /** [V, W, W] the cell that each pixel of the window shows, −1 for none. Only there when kept. */
  readonly indexMaps?: Int32Array;
}

/**
 * Renders a prepared cloud from several sides, with ground truth and correspondences (`pointad.md` 2.6 to 2.10). The same
 * cloud and options give the same bytes; see {@link sampleKey} for keeping samples.
 *
 * A cloud without foreground gives views of the background, and no visible cell. Normals are estimated before the cloud
 * is turned, which changes only their sign.
 *
 * @throws {@link ShapeError} when the parts of the cloud disagree.
 * @throws {@link ArgumentError} for options that cannot be, positions that are not finite, missing colours, or cameras
 * that see none of the points.
 */
export function createMultiViewSample(
  cloud: PreparedCloud,
  options: MultiViewSampleOptions & LongWorkOptions = {},
): MultiViewSample {
  const { signal, onProgress, ...choices } = options;
  const resolved = resolveSampleOptions(choices);
  checkPreparedCloud('createMultiViewSample', cloud);
  const scene = prepareScene(cloud, resolved);
  const { size, window } = resolved.render;
  const { correspondences: keepsCorrespondences, indexMaps: keepsIndexMaps } = resolved.keep;
  const channels = resolved.render.colouring === 'colours' ? 3 : 1;
  const viewCount = scene.plans.length;
  const renderings = new Uint8Array(viewCount * size * size * channels);
  const masks = scene.labels && new Uint8Array(viewCount * size * size);
  const indexMaps = keepsIndexMaps ? new Int32Array(viewCount * window * window) : undefined;
  const projected: ProjectedView[] = [];

  scene.plans.forEach((plan, view) => {
    signal?.throwIfAborted();
    const drawn = drawView(scene, plan, resolved);
    renderings.set(drawn.rendering, view * drawn.rendering.length);
    if (drawn.mask) masks?.set(drawn.mask, view * drawn.mask.length);
    indexMaps?.set(cellsOfRaster(drawn.raster, scene.cells), view * window * window);
    if (keepsCorrespondences) projected.push({ projection: drawn.projection, camera: plan.camera });
    onProgress?.({ stage: 'views', done: view + 1, total: viewCount });
  });

  const { foreground, grid, labels, targets, image } = cloud;
  return {
    options: resolved,
    viewCount,
    renderings,
    channels,
    ...(masks && { masks }),
    cameras: scene.plans.map(({ camera }) => camera),
    poses: scene.plans.map(({ pose }) => pose),
    centre: scene.centre,
    ...(keepsCorrespondences && { correspondences: correspond(cloud, projected, resolved) }),
    ...(indexMaps && { indexMaps }),
    foreground: foreground.slice(),
    ...(grid && { grid }),
    ...(labels && { labels: labels.slice() }),
    ...(targets && { targets: targets.slice() }),
    ...(image && { image }),
  };
}

/** A view as the three equal or coloured channels that an image encoder takes, [S, S, 3]. */
export function renderingOf(sample: MultiViewSample, view: number): Image {
  const { renderings, channels, options, viewCount } = sample;
  if (!(Number.isInteger(view) && view >= 0 && view < viewCount)) {
    throw new ArgumentError('renderingOf: view', `a view below ${viewCount}`, view);
  }
  const { size } = options.render;
  const length = size * size * channels;
  const pixels = renderings.subarray(view * length, (view + 1) * length);
  const colours = Uint8Array.from({ length: size * size * 3 }, (_, i) =>
    channels === 3 ? pixels[i] : pixels[Math.floor(i / 3)],
  );
  return ndarray(colours, [size, size, 3]);
}

/** [V] 1 for the views whose mask has an anomalous pixel; a defect may be hidden in some. No masks: all 0. */
export function viewLabels({ masks, viewCount }: MultiViewSample): Uint8Array {
  const length = (masks?.length ?? 0) / viewCount;
  return Uint8Array.from({ length: viewCount }, (_, view) =>
    Number(masks?.subarray(view * length, (view + 1) * length).includes(1) ?? false),
  );
}

/**
 * The renderings of a sample with other colours of the same points: a gather, without any geometry.
 *
 * @param colours - Red, green, blue of every cell, length 3·N.
 * @returns [V, S, S, 3], as `renderings` of a sample with these colours.
 * @throws {@link ArgumentError} when the sample has no index maps, {@link ShapeError} when colours are missing.
 */
export function recolourSample(sample: MultiViewSample, colours: Uint8Array): Uint8Array {
  const { indexMaps, options, viewCount } = sample;
  if (!indexMaps) {
    throw new ArgumentError('recolourSample', 'a sample with index maps', undefined, 'set keep.indexMaps');
  }
  const { window, size, background } = options.render;
  const recoloured = new Uint8Array(viewCount * size * size * 3);
  for (let view = 0; view < viewCount; view++) {
    const index = indexMaps.subarray(view * window * window, (view + 1) * window * window);
    const raster = { width: window, height: window, index };
    recoloured.set(colourPicture(raster, colours, background, size), view * size * size * 3);
  }
  return recoloured;
}

/** The points of a cloud, turned upright, and the views that are to be drawn of them. F foreground cells. */
interface Scene {
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

function prepareScene(
  cloud: PreparedCloud,
  { baseAngle, views, camera, render }: ResolvedSampleOptions,
): Scene {
  const cells = cellsOf(cloud.foreground);
  const { labels } = cloud;
  const upright: Pose = { rotation: rotationX(baseAngle) };
  const points = rowsAt(cloud.positions, cells);
  const positions = rotateAbout(points, upright, [0, 0, 0]);
  const centre = centroid(positions);
  const plans = planViews(positions, {
    poses: posesOf(views),
    centre,
    cameraFit: camera.boxes,
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

interface DrawnView {
  readonly raster: Raster;
  readonly projection: Projection;
  /** [S, S, channels] */
  readonly rendering: Uint8Array;
  /** [S, S] */
  readonly mask?: Uint8Array;
}

function drawView(scene: Scene, plan: PlannedView, options: ResolvedSampleOptions): DrawnView {
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

function colourPicture(
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

function cellsOfRaster({ index }: Raster, cells: Uint32Array): Int32Array {
  return index.map((point) => (point < 0 ? -1 : cells[point]));
}

function correspond(
  cloud: PreparedCloud,
  projected: readonly ProjectedView[],
  { render, visibility }: ResolvedSampleOptions,
): Correspondences {
  const { resolution, outOfFrame, unseen } = visibility;
  const { foreground, positions, grid } = cloud;
  const found = findCorrespondences(projected, { size: render.size, resolution, outOfFrame, foreground });
  const rule = grid ? 'rasterNeighbour' : 'spatialNeighbour';
  return fillNeverVisible(found, unseen === 'auto' ? rule : unseen, positions);
}
