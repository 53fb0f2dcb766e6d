import type { LongWorkOptions } from '@anomclip/core';
import { buildKdTree } from '../kd-tree.js';
import { estimateNormals, type NormalOptions } from '../normals.js';
import { checkDrawable, type Drawable } from './drawable.js';
import { type PlanViewsOptions, planViews } from './plan-views.js';
import { pointSpacing } from './point-spacing.js';
import { type RenderViewOptions, renderView, type View } from './render-view.js';
import { vertexNormals } from './vertex-normals.js';

export interface RenderViewsOptions extends PlanViewsOptions, RenderViewOptions {
  /** Neighbourhoods of the normals, where a cloud has none of its own. @defaultValue 30 neighbours at any distance */
  normalOptions?: NormalOptions;
  /** How a mesh without normals is shaded: with those of its vertices, or every triangle flat. @defaultValue 'smooth' */
  meshNormals?: 'smooth' | 'flat';
}

/**
 * Renders a cloud or a mesh from several sides (`pointad.md` 2.7): by default nine views turned about x, shaded grey on
 * white, drawn at 1024 × 1024 and resized to 336 × 336. No points give pictures of the background; a single point is drawn
 * in the middle.
 *
 * @throws {@link ShapeError} when arrays disagree, {@link ArgumentError} for numbers that are not finite and options
 * that cannot be.
 */
export function renderViews(drawable: Drawable, options: RenderViewsOptions & LongWorkOptions = {}): View[] {
  const { signal, onProgress } = options;
  checkDrawable('renderViews', drawable);
  const prepared = prepareDrawable(drawable, options);
  const plans = planViews(drawable.positions, options);
  return plans.map((plan, i) => {
    signal?.throwIfAborted();
    const view = renderView(prepared, plan, options);
    onProgress?.({ stage: 'render', done: i + 1, total: plans.length });
    return view;
  });
}

/** Whether normals must be estimated before a drawable can be rendered. */
export function needsNormals({ normals, triangles }: Drawable, { colouring }: RenderViewsOptions): boolean {
  return !normals && !(triangles && triangles.length > 0) && colouring !== 'colours';
}

/** The drawable with what its pictures need besides: normals for light, the spacing of points for their size. */
export function prepareDrawable(drawable: Drawable, options: RenderViewsOptions): Drawable {
  const { normalOptions, meshNormals = 'smooth', pointSize, groundTruthPointSize } = options;
  const { positions, normals, labels, spacing, triangles } = drawable;
  if (triangles && triangles.length > 0) {
    const smooth =
      meshNormals === 'smooth' ? (normals ?? vertexNormals({ positions, triangles })) : undefined;
    return { ...drawable, normals: smooth };
  }
  const fixed = pointSize !== undefined && (!labels || groundTruthPointSize !== undefined);
  const wantsNormals = needsNormals(drawable, options);
  const wantsSpacing = !spacing && !fixed;
  const tree = wantsNormals || wantsSpacing ? buildKdTree(positions) : undefined;
  return {
    ...drawable,
    normals: wantsNormals ? estimateNormals(positions, { ...normalOptions, tree }) : normals,
    spacing: wantsSpacing ? pointSpacing(positions, tree) : spacing,
  };
}
