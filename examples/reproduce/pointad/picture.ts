import { type MultiViewSample, renderingOf } from '@anomclip/pointcloud/views';
import ndarray from 'ndarray';
import type { Picture } from '../driver/evaluate-class.js';

/**
 * A sample as the report shows it: its colour image, which lies on the grid of its map; else the view that shows most of the
 * defect, with the scores of the points that it shows.
 */
export function pictureOf(views: MultiViewSample, pointScores: Float32Array): Picture {
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
