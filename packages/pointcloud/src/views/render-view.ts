import { ArgumentError } from '@anomclip/core';
import { type Image, type Mask, resizeImage } from '@anomclip/core/image';
import ndarray, { type NdArray } from 'ndarray';
import { checkChoice, checkCount } from '../check-points.js';
import type { Drawable } from './drawable.js';
import { type ViewerLightingOptions, viewerLighting } from './lighting.js';
import { meshSurface } from './mesh-surface.js';
import { paintColours, paintGrey } from './paint.js';
import type { PlannedView } from './plan-views.js';
import { adaptivePointSizes } from './point-spacing.js';
import { rotateAbout } from './pose.js';
import { projectPoints } from './project-points.js';
import type { Raster } from './raster.js';
import { rasteriseMesh } from './rasterise-mesh.js';
import { type CoverageOptions, rasterisePoints } from './rasterise-points.js';
import { type Grey, shadePoints } from './shade-points.js';

/** What PointAD's encoder takes. */
export const defaultSize = 336;

/** One rendered view. */
export interface View extends PlannedView {
  /** [size, size, 3], or the size of the window. */
  readonly image: Image;
  /** Anomalous where the labels are, of the size of the image. Only there when the drawable has labels. */
  readonly groundTruth?: Mask;
}

export interface RenderViewOptions extends CoverageOptions {
  /**
   * Side of the squares of points, in pixels of the window, ≥ 1. Default: 8, and where the drawable has a `spacing` more
   * for sparse points, so that surfaces have no holes.
   */
  pointSize?: number;
  /** The same for the ground truth. Default: 6, or more for sparse points. */
  groundTruthPointSize?: number;
  /** Side of the square pictures, resized from the window (antialiased bicubic); `'window'` leaves them. @defaultValue 336 */
  size?: number | 'window';
  /**
   * `'shaded'`: uniform grey under the lights; `'colours'`: the colours of the points as they are; `'shadedColours'`:
   * these under the lights.
   * @defaultValue 'shaded'
   */
  colouring?: 'shaded' | 'colours' | 'shadedColours';
  /** The grey that is shaded, 0…1. @defaultValue 0.7 */
  base?: Grey;
  /** Red, green and blue where nothing is seen. @defaultValue [255, 255, 255] */
  background?: readonly [number, number, number];
  lighting?: ViewerLightingOptions;
}

/**
 * Draws a planned view, and its ground truth from the same camera: anomalous points white, all others, which may hide
 * them, black, resized like the image and cut at one half (`pointad.md` 2.9).
 *
 * @param drawable - With normals, unless it is a mesh (then its triangles are flat) or only its colours are wanted.
 * @throws {@link ArgumentError} for missing normals or colours and options that cannot be.
 */
export function renderView(drawable: Drawable, view: PlannedView, options: RenderViewOptions = {}): View {
  const { size = defaultSize } = options;
  if (size !== 'window') checkCount('renderView', 'size', size);
  const scene = turnedScene(drawable, view);
  const image = toImage(resized(picture(scene, options), size));
  if (!drawable.labels) return { ...view, image };
  return {
    ...view,
    image,
    groundTruth: toMask(resized(groundTruthOf(scene, drawable.labels, options), size)),
  };
}

/** A drawable as its pose turns it, before its camera. */
interface Scene extends PlannedView {
  readonly drawable: Drawable;
}

function turnedScene(drawable: Drawable, view: PlannedView): Scene {
  const { positions, normals } = drawable;
  const turned: Drawable = {
    ...drawable,
    positions: rotateAbout(positions, view.pose, view.centre),
    ...(normals && { normals: rotateAbout(normals, view.pose, [0, 0, 0]) }),
  };
  return { ...view, drawable: turned };
}

/** What the samples of a raster are: points, or pieces of a surface. */
interface Samples extends Pick<Drawable, 'positions' | 'normals' | 'colours'> {
  readonly raster: Raster;
  /** The vertex of every sample of a surface. */
  readonly vertexOf?: Uint32Array;
}

interface PointSizes extends CoverageOptions {
  readonly fixed: number | undefined;
  /** Where no size is fixed. */
  readonly least: number;
}

function samplesOf({ drawable, camera }: Scene, sizes: PointSizes): Samples {
  const { positions, triangles, spacing } = drawable;
  if (triangles && triangles.length > 0) {
    const mesh = { positions, triangles };
    return meshSurface(rasteriseMesh(mesh, camera), mesh, camera, drawable);
  }
  const { coverage, fixed, least } = sizes;
  const projection = projectPoints(positions, camera);
  const pointSize = fixed ?? (spacing ? adaptivePointSizes(spacing, projection, camera, least) : least);
  return { ...drawable, raster: rasterisePoints(projection, camera, { pointSize, coverage }) };
}

function picture(scene: Scene, options: RenderViewOptions): NdArray<Uint8Array> {
  const { colouring = 'shaded', base = 0.7, background = [255, 255, 255], lighting, coverage } = options;
  checkChoice('renderView', 'colouring', colouring, ['shaded', 'colours', 'shadedColours']);
  const { raster, positions, normals, colours } = samplesOf(scene, {
    coverage,
    fixed: options.pointSize,
    least: 8,
  });
  if (colouring !== 'shaded' && !colours) {
    throw new ArgumentError('renderView: drawable', `colours, for ${colouring}`, colours);
  }
  if (colouring === 'colours' && colours) return paintColours(raster, colours, background);
  if (!normals) throw new ArgumentError('renderView: drawable', 'normals, to shade it', normals);
  const lights = viewerLighting(scene.camera, scene.box, lighting);
  const isGrey = background.every((value) => value === background[0]);
  if (colouring === 'shaded' && isGrey) {
    return paintGrey(raster, shadePoints(positions, normals, lights, base), background[0]);
  }
  const shades =
    colouring === 'shaded'
      ? threefold(shadePoints(positions, normals, lights, base))
      : shadePoints(positions, normals, lights, colours);
  return paintColours(raster, shades, background);
}

function groundTruthOf(
  scene: Scene,
  labels: ArrayLike<number>,
  { coverage, groundTruthPointSize }: RenderViewOptions,
): NdArray<Uint8Array> {
  const { raster, vertexOf } = samplesOf(scene, { coverage, fixed: groundTruthPointSize, least: 6 });
  const whiteOf = (i: number) => (labels[i] ? 255 : 0);
  const greys = vertexOf
    ? Uint8Array.from(vertexOf, whiteOf)
    : Uint8Array.from({ length: labels.length }, (_, i) => whiteOf(i));
  return paintGrey(raster, greys, 0);
}

function resized(image: NdArray<Uint8Array>, size: number | 'window'): NdArray<Uint8Array> {
  return size === 'window' ? image : resizeImage(image, size, size);
}

/** Grey pictures get three equal channels: resizing first is the same and a third of the work. */
function toImage(picture: NdArray<Uint8Array>): Image {
  if (picture.dimension === 3) return picture;
  return ndarray(threefold(picture.data), [...picture.shape, 3]);
}

function threefold(greys: Uint8Array): Uint8Array {
  const colours = new Uint8Array(3 * greys.length);
  for (let i = 0, at = 0; i < greys.length; i++, at += 3) {
    colours[at] = greys[i];
    colours[at + 1] = greys[i];
    colours[at + 2] = greys[i];
  }
  return colours;
}

function toMask(picture: NdArray<Uint8Array>): Mask {
  return ndarray(
    picture.data.map((value) => (value > 127 ? 1 : 0)),
    picture.shape,
  );
}
