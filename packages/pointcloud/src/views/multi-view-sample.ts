import { ArgumentError, type LongWorkOptions } from '@anomclip/core';
import type { Image } from '@anomclip/core/image';
import ndarray from 'ndarray';
import { checkPreparedCloud, type PreparedCloud } from '../prepare/prepared-cloud.js';
import type { Xyz } from '../xyz.js';
import type { Camera } from './camera.js';
import { type Correspondences, findCorrespondences, type ProjectedView } from './correspondences.js';
import { fillNeverVisible } from './never-visible.js';
import type { Pose } from './pose.js';
import type { Raster } from './raster.js';
import {
  type MultiViewSampleOptions,
  type ResolvedSampleOptions,
  resolveSampleOptions,
} from './sample-options.js';
import { drawView, prepareScene } from './sample-scene.js';

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
