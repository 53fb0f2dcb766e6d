import { ArgumentError } from '@anomclip/core';
import type { Image } from '@anomclip/core/image';
import { backProjection, type MultiViewSample, multiplyRows, renderingOf } from '@anomclip/pointcloud/views';
import ndarray from 'ndarray';
import type { Detector, Prediction, PredictOptions } from '../detector.js';
import type { WinclipDetector } from './winclip-detector.js';

/** A cloud for {@link winclipOnViews}, rendered by `createMultiViewSample`. */
export interface WinclipCloudSample {
  readonly views: MultiViewSample;
}

/** WinCLIP on the renderings of a cloud. */
export interface WinclipCloudDetector extends Detector<WinclipCloudSample> {
  /** `pointScores` [N]; `anomalyMap` on the grid where there is one. */
  predict(
    sample: WinclipCloudSample,
    options?: PredictOptions,
  ): Promise<Prediction & { readonly pointScores: Float32Array }>;
}

/**
 * WinCLIP on the renderings of a cloud (section 9 of PointAD's specification): the map of each view is read at the points
 * that it shows, and averaged over these views; the image score is the mean over all views. Nothing is smoothed.
 *
 * @param detector - On images: `createWinclip`, or `fitWinclip` with {@link viewsOf} some normal clouds. The result
 *   disposes of it.
 */
export function winclipOnViews(detector: WinclipDetector): WinclipCloudDetector {
  return {
    async predict({ views }, options = {}) {
      const { correspondences, grid, viewCount } = views;
      if (!correspondences) {
        const hint = 'set keep.correspondences';
        throw new ArgumentError('WinCLIP', 'a sample with correspondences', 'one without', hint);
      }
      let total = 0;
      const maps: Float32Array[] = [];
      for (const rendering of viewsOf(views)) {
        const { imageScore, patchScores } = await detector.scorePatches(rendering, options);
        total += imageScore;
        maps.push(patchScores);
      }
      const patches = maps[0].length;
      const all = new Float32Array(viewCount * patches);
      for (const [view, map] of maps.entries()) all.set(map, view * patches);
      const pointScores = multiplyRows(backProjection(correspondences, { mapSize: Math.sqrt(patches) }), all);
      return {
        imageScore: total / viewCount,
        pointScores,
        ...(grid && { anomalyMap: ndarray(pointScores.slice(), [...grid]) }),
      };
    },
    dispose: () => detector.dispose(),
  };
}

/** The renderings of a cloud as images. */
export function viewsOf(views: MultiViewSample): Image[] {
  return Array.from({ length: views.viewCount }, (_, view) => renderingOf(views, view));
}
