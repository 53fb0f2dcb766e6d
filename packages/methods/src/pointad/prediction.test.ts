import { ArgumentError } from '@anomclip/core';
import type { Clip } from '@anomclip/core/clip';
import { gaussianFilter } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import { sampleMesh } from '@anomclip/pointcloud';
import { prepareCloud, prepareReal3d, prepareScan } from '@anomclip/pointcloud/prepare';
import { createMultiViewSample, type MultiViewSampleOptions } from '@anomclip/pointcloud/views';
import ndarray from 'ndarray';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBackend } from '../../../core/src/testing/backends.fixture.js';
import { smallCloud, smallOptions } from '../../../pointcloud/src/views/small-cloud.fixture.js';
import { type PartialPointadConfig, pointadConfig } from './config.js';
import { createPointadDetector, type PointadSample } from './detector.js';
import { fuse, scoreCloud, scoreImage } from './prediction.js';
import { tinyClip } from './tiny.fixture.js';

const text = { data: Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0.6, 0.8, 0, 0, 0), width: 6 };

describe('scores', () => {
  // Nine cells, 1…7 with a point, at pixel (i mod 3, ⌊i / 3⌋) of both 3 × 3 views (pointad.md 11.5 and 11.6).
  const correspondences = {
    viewCount: 2,
    pointCount: 9,
    size: 3,
    pixels: Uint16Array.from({ length: 36 }, (_, i) =>
      i % 2 ? Math.floor((i % 18) / 6) : ((i % 18) / 2) % 3,
    ),
    visible: Uint8Array.of(0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0),
    foreground: Uint8Array.of(0, 1, 1, 1, 1, 1, 1, 1, 0),
  };
  const views = createMultiViewSample(smallCloud(), { ...smallOptions, views: { count: 1 } });
  const sample = { ...views, viewCount: 2, grid: [3, 3] as const, correspondences };
  const probabilities = {
    images: Float32Array.of(0.2, 0.4),
    patches: Float32Array.from({ length: 18 }, (_, i) => (i < 9 ? i / 10 : (i - 9) / 20)),
  };

  test('of points are those printed, and the cloud’s is half probability, half maximum', () => {
    const config = pointadConfig({ pointSmoothing: 'none' });
    const { pointScores, probability, imageScore } = scoreCloud(sample, undefined, probabilities, config);
    expect([...pointScores].map((score) => +score.toFixed(6))).toEqual([
      0, 0.1, 0.2, 0.3, 0.4, 0.375, 0.45, 0.7, 0,
    ]);
    expect(probability).toBeCloseTo(0.3, 6);
    expect(imageScore).toBeCloseTo(0.5 * 0.3 + 0.5 * 0.7, 6);
  });

  test('divided by all views, points that few views show score less', () => {
    const config = pointadConfig({ pointSmoothing: 'none', viewNormalization: 'viewCount' });
    const { pointScores } = scoreCloud(sample, undefined, probabilities, config);
    expect([...pointScores].map((score) => +score.toFixed(6))).toEqual([
      0, 0.05, 0.1, 0.15, 0.2, 0.375, 0.45, 0.35, 0,
    ]);
  });

  test('of cloud and image together are those of section 4.5', () => {
    const config = pointadConfig({ smoothing: { sigma: 1 } });
    const cloud = scoreCloud(sample, undefined, probabilities, config);
    const image = scoreImage(
      { images: Float32Array.of(0.9), patches: Float32Array.of(0.1, 0.2, 0.6, 0.3) },
      3,
      config,
    );
    expect(image.probability).toBeCloseTo(0.9, 6);
    const sum = cloud.pointScores.map((score, i) => (score + image.anomalyMap.data[i]) / 2);
    const twice = gaussianFilter(ndarray(sum, [3, 3]), 1).data;
    const fused = fuse(cloud, image, [3, 3], config);
    expect(fused.anomalyMap?.data).toEqual(twice);
    expect(fused.imageScore).toBeCloseTo(0.5 * ((0.9 + 0.3) / 2 + Math.max(...twice)), 6);

    const nested = fuse(
      cloud,
      image,
      [3, 3],
      pointadConfig({ smoothing: { sigma: 1 }, fusion: { scoreTerm: 'nested' } }),
    );
    expect(nested.imageScore).toBeCloseTo(0.5 * ((0.9 + cloud.imageScore) / 2 + Math.max(...twice)), 6);
    const once = fuse(cloud, image, [3, 3], pointadConfig({ smoothing: { sigma: 1, fused: false } }));
    expect(once.anomalyMap?.data).toEqual(sum);
  });
});

describe('any cloud', () => {
  let clip: Clip;
  beforeAll(async () => {
    await startBackend('wasm');
    clip = await tinyClip();
  });
  afterAll(async () => clip?.dispose());

  async function predict(sample: PointadSample, given: PartialPointadConfig = {}) {
    const detector = createPointadDetector(clip, text, pointadConfig(given));
    try {
      return await detector.predict(sample);
    } finally {
      detector.dispose();
    }
  }
  const options: MultiViewSampleOptions = {
    views: { count: 3 },
    render: { window: 64, size: 32, pointSize: 4 },
  };
  const rng = createRng('any cloud');
  const ball = (count: number, scale = 0.05) =>
    Float32Array.from(
      { length: 3 * count },
      (_, i) =>
        scale *
        rng
          .fork(Math.floor(i / 3))
          .fork(i % 3)
          .normal(),
    );

  test.each([
    ['of 50 points', 50, 0.05],
    ['of one point', 1, 0.05],
    ['in millimetres', 400, 50],
  ])('%s is scored, and shows no grid', async (_what, count, scale) => {
    const positions = ball(count, scale);
    const views = createMultiViewSample(prepareCloud({ positions: ndarray(positions, [count, 3]) }), options);
    const { pointScores, imageScore, anomalyMap } = await predict({ views });
    expect(pointScores).toHaveLength(count);
    expect(anomalyMap).toBeUndefined();
    for (const score of pointScores) expect(score > 0 && score <= 1).toBe(true);
    expect(imageScore > 0 && imageScore < 1).toBe(true);
    const { pointScores: smoothed } = await predict({ views, positions }, { pointSmoothing: 'knn' });
    expect(smoothed).toHaveLength(count);
  });

  test('a scan in millimetres scores as the same scan in metres', async () => {
    const cloud = smallCloud();
    const scan = (scale: number) => ({ ...cloud, positions: cloud.positions.map((value) => scale * value) });
    const { normals: _metres, ...render } = { ...smallOptions.render, normals: undefined };
    const scaled = { views: { count: 3 }, render };
    const [metres, millimetres] = await Promise.all(
      [1, 1024].map((scale) => predict({ views: createMultiViewSample(scan(scale), scaled) })),
    );
    expect(millimetres).toEqual(metres);
  });

  test('a mesh is scored by points on its surface', async () => {
    const mesh = {
      positions: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1),
      triangles: Uint32Array.of(0, 1, 2, 0, 1, 3, 0, 2, 3, 1, 2, 3),
    };
    const { positions } = sampleMesh(mesh, 600, rng.fork('mesh'));
    const views = createMultiViewSample(prepareCloud({ positions: ndarray(positions, [600, 3]) }), options);
    expect((await predict({ views })).pointScores).toHaveLength(600);
  });

  test('prepareReal3d brings a cloud of any number of points to the same number of cells', async () => {
    const cloud = { positions: ndarray(ball(900), [900, 3]) };
    const views = createMultiViewSample(prepareReal3d(cloud, { count: 576 }), options);
    const { pointScores } = await predict({ views }, { pointSmoothing: 'indexGrid' });
    expect(pointScores).toHaveLength(576);
  });

  test('a scan without points scores by its empty views, 0 at every cell', async () => {
    const xyz = ndarray(new Float32Array(12 * 12 * 3), [12, 12, 3]);
    const views = createMultiViewSample(prepareScan({ organised: { xyz } }), options);
    const { pointScores, imageScore, cloud } = await predict({ views });
    expect(pointScores.every((score) => score === 0)).toBe(true);
    expect(imageScore).toBeCloseTo(cloud.probability / 2, 6);
  });

  test('an image is looked at where there is one, and can be left out', async () => {
    const side = smallCloud().grid?.[0] ?? 0;
    const image = ndarray(
      Uint8Array.from({ length: 3 * side * side }, (_, i) => (31 * i) % 256),
      [side, side, 3],
    );
    const sample = { views: createMultiViewSample({ ...smallCloud(), image }, smallOptions) };
    const detector = createPointadDetector(clip, text, pointadConfig());
    const [both, alone] = [
      await detector.predict(sample),
      await detector.predict(sample, { useImage: false }),
    ];
    detector.dispose();
    expect(both.cloud).toEqual(alone.cloud);
    expect(both.image?.anomalyMap.shape).toEqual([32, 32]);
    expect(both.anomalyMap?.shape).toEqual([side, side]);
    expect(alone.image).toBeUndefined();
    expect(alone.pointScores).toEqual(alone.cloud.pointScores);
    expect(both.pointScores).not.toEqual(alone.pointScores);
  });

  test('what cannot be scored is refused', async () => {
    const views = createMultiViewSample(smallCloud(), smallOptions);
    const { correspondences: _none, ...blind } = views;
    await expect(predict({ views: blind })).rejects.toThrow('set keep.correspondences');
    const loose = createMultiViewSample(prepareCloud({ positions: ndarray(ball(50), [50, 3]) }), options);
    const image = ndarray(new Uint8Array(12), [2, 2, 3]);
    await expect(predict({ views: { ...loose, image } })).rejects.toThrow(ArgumentError);
    expect(() =>
      createPointadDetector(clip, { data: new Float32Array(8), width: 4 }, pointadConfig()),
    ).toThrow('embeddings of 4 numbers');
    const detector = createPointadDetector(clip, text, pointadConfig());
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(detector.predict({ views }, { signal })).rejects.toThrow('enough');
    detector.dispose();
  });
});
