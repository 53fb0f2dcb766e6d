import type { PreparedCloud } from '@anomclip/pointcloud/prepare';
import { type MultiViewSample, renderingOf } from '@anomclip/pointcloud/views';
import ndarray from 'ndarray';
import type { ScoredCloud } from '../driver/encode-cloud.js';
import type { Picture } from '../driver/evaluate-class.js';

/**
 * A sample as the report shows it: its colour image, which lies on the grid of its map; else the view that shows most of the
 * defect, with the scores of the points that it shows.
 */
export function pictureOf(
  views: MultiViewSample,
  prepared: PreparedCloud,
  pointScores: Float32Array,
): Picture {
  return { ...flatPicture(views, pointScores), cloud: foregroundCloud(prepared, pointScores) };
}

function foregroundCloud(
  { positions, foreground, targets, labels, colours }: PreparedCloud,
  pointScores: Float32Array,
): ScoredCloud {
  const cells = Array.from(foreground.keys()).filter((cell) => foreground[cell]);
  const triples = (values: ArrayLike<number>) =>
    cells.flatMap((cell) => [values[3 * cell], values[3 * cell + 1], values[3 * cell + 2]]);
  const truth = targets ?? labels;
  return {
    positions: Float32Array.from(triples(positions)),
    scores: cells.map((cell) => pointScores[cell]),
    ...(truth && { truth: cells.map((cell) => truth[cell]) }),
    ...(colours && { colours: triples(colours) }),
  };
}

function flatPicture(views: MultiViewSample, pointScores: Float32Array): Picture {
  const { image, grid, correspondences, masks, viewCount } = views;
  if (image && grid && image.shape[0] === grid[0] && image.shape[1] === grid[1]) return { image };
  const { size } = views.options.render;
  const length = size * size;
  const maskOf = (view: number) => masks?.slice(view * length, (view + 1) * length) ?? new Uint8Array(length);
  const area = Array.from({ length: viewCount }, (_, view) =>
    maskOf(view).reduce((sum, value) => sum + value, 0),
  );
  const most = Math.max(...area);
  const view = most > 0 ? area.indexOf(most) : Math.floor(viewCount / 2);
  const map = new Float32Array(length);
  if (correspondences) {
    const { pixels, visible, pointCount } = correspondences;
    for (let cell = 0; cell < pointCount; cell++) {
      const at = view * pointCount + cell;
      if (visible[at]) map[pixels[2 * at + 1] * size + pixels[2 * at]] = pointScores[cell];
    }
  }
  return {
    image: renderingOf(views, view),
    mask: ndarray(maskOf(view), [size, size]),
    map: ndarray(map, [size, size]),
  };
}
