import { ArgumentError, ShapeError } from '@anomclip/core';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import type { PreparedCloud } from '../prepare/prepared-cloud.js';
import { rotationX } from '../rotations.js';
import { countDifferences } from '../testing/count-differences.js';
import { backProjection } from './back-projection.js';
import type { Box } from './box.js';
import { toDrawable } from './drawable.js';
import { createMultiViewSample, renderingOf, viewLabels } from './multi-view-sample.js';
import { seenInAnyView } from './never-visible.js';
import { rotateAbout } from './pose.js';
import { projectPoints } from './project-points.js';
import { recolourSample } from './recolour-sample.js';
import { renderViews } from './render-views.js';
import { drawnBox } from './sample-scene.js';
import { smallCloud, smallOptions } from './small-cloud.fixture.js';
import { multiplyRows } from './sparse-rows.js';

/** Turned upright exactly, cell by cell. */
function upright({ positions }: PreparedCloud): Float32Array {
  return positions.map((value, i) => (i % 3 === 0 ? value : -value));
}

describe('createMultiViewSample', () => {
  const cloud = smallCloud();
  const sample = createMultiViewSample(cloud, smallOptions);
  const points = [...cloud.foreground.keys()].filter((cell) => cloud.foreground[cell]);

  test('renders and labels the same views as renderViews does', () => {
    const at = (values: ArrayLike<number>) =>
      points.flatMap((cell) => [0, 1, 2].map((a) => values[3 * cell + a]));
    const drawable = toDrawable({
      positions: ndarray(Float32Array.from(at(upright(cloud))), [points.length, 3]),
      labels: Uint8Array.from(points, (cell) => cloud.labels[cell]),
    });
    const views = renderViews(drawable, {
      poses: sample.poses,
      width: 64,
      size: 32,
      pointSize: 3,
      groundTruthPointSize: 3,
      normalOptions: { radius: 0.1, maxNeighbours: 50 },
    });
    views.forEach(({ image, groundTruth }, view) => {
      // Rounding of the turn by π may move a point across the border of a pixel.
      expect(countDifferences(renderingOf(sample, view).data, image.data)).toBeLessThan(30);
      const mask = sample.masks?.subarray(view * 1024, (view + 1) * 1024);
      expect(countDifferences(mask, groundTruth?.data)).toBeLessThan(5);
    });
    expect(viewLabels(sample).includes(1)).toBe(true);
  });

  test('pixels are where the stored cameras and poses put the points', () => {
    const { correspondences, cameras, poses, centre, options } = sample;
    sample.cameras.forEach((_, view) => {
      const upright = rotateAbout(cloud.positions, { rotation: rotationX(options.baseAngle) }, [0, 0, 0]);
      const { u, v } = projectPoints(rotateAbout(upright, poses[view], centre), cameras[view]);
      for (const cell of points) {
        const at = view * cloud.foreground.length + cell;
        expect(correspondences?.pixels[2 * at]).toBe(Math.trunc(u[cell] / 2));
        expect(correspondences?.pixels[2 * at + 1]).toBe(Math.trunc(v[cell] / 2));
      }
    });
  });

  test('every foreground cell is seen somewhere, and maps come back to the cells', () => {
    const { correspondences } = sample;
    if (!correspondences) throw new Error('correspondences are kept by default');
    expect(seenInAnyView(correspondences)).toEqual(cloud.foreground);
    const ones = new Float32Array(3 * 32 * 32).fill(1);
    multiplyRows(backProjection(correspondences), ones).forEach((value, cell) => {
      expect(value).toBeCloseTo(cloud.foreground[cell], 6);
    });
  });

  test('the mask of a view, read at the points, tells anomalous from normal', () => {
    const frontal = createMultiViewSample(cloud, { ...smallOptions, views: { count: 1 } });
    const { correspondences, masks } = frontal;
    if (!correspondences || !masks) throw new Error('there are labels');
    const read = multiplyRows(backProjection(correspondences), Float32Array.from(masks));
    const agreeing = points.filter((cell) => Math.round(read[cell]) === cloud.labels[cell]);
    expect(agreeing.length / points.length).toBeGreaterThan(0.95);
  });

  test('one view without a turn is the base camera (pointad.md 11.12, 7)', () => {
    const { poses, cameras } = createMultiViewSample(cloud, { ...smallOptions, views: { count: 1 } });
    expect([...poses[0].rotation]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1].map((x) => expect.closeTo(x, 12)));
    const turned = upright(cloud);
    const z = points.map((cell) => turned[3 * cell + 2]);
    const x = points.map((cell) => turned[3 * cell]);
    const extent = Math.max(...x) - Math.min(...x); // the dome is wider than high
    const eye = (Math.min(...z) + Math.max(...z)) / 2 + (0.7 * extent) / Math.tan(Math.PI / 6);
    expect(cameras[0].extrinsic[11]).toBeCloseTo(eye, 6);
  });

  test('the same cloud and options give the same sample', () => {
    expect(createMultiViewSample(smallCloud(), smallOptions)).toEqual(sample);
  });

  test('a loose cloud fills from neighbours in space', () => {
    const { grid: _, ...loose } = cloud;
    const { correspondences, grid } = createMultiViewSample(loose, smallOptions);
    const forced = { ...smallOptions, visibility: { unseen: 'spatialNeighbour' as const } };
    expect(grid).toBeUndefined();
    expect(correspondences).toEqual(createMultiViewSample(cloud, forced).correspondences);
    expect(correspondences?.pixels).not.toEqual(sample.correspondences?.pixels);
  });

  test('a selection of views is these views of the schedule', () => {
    const all = createMultiViewSample(cloud, { ...smallOptions, camera: { boxes: 'sample' } });
    const views = { count: 3, select: [3, 1] };
    const two = createMultiViewSample(cloud, { ...smallOptions, views, camera: { boxes: 'sample' } });
    expect(two.viewCount).toBe(2);
    expect(two.cameras).toEqual([all.cameras[2], all.cameras[0]]);
    expect(two.renderings.subarray(1024)).toEqual(all.renderings.subarray(0, 1024));
    expect(() => createMultiViewSample(cloud, { ...smallOptions, views: { count: 3, select: [4] } })).toThrow(
      ArgumentError,
    );
  });

  test('a viewer that is never reset fits each camera to all it has drawn, of earlier clouds too', () => {
    const views = { count: 3, select: [3, 1] };
    const accumulating = { ...smallOptions, camera: { boxes: 'accumulate' } } as const;
    const first = createMultiViewSample(cloud, accumulating);
    const tight = createMultiViewSample(cloud, smallOptions);
    expect(first.cameras[0]).toEqual(tight.cameras[0]);
    expect(createMultiViewSample(cloud, { ...accumulating, views }).cameras).toEqual([
      first.cameras[2],
      first.cameras[0],
    ]);

    const after = drawnBox(cloud, { ...accumulating, views });
    expect(drawnBox(cloud, { ...smallOptions, views })).toEqual(after);
    const later = { ...smallOptions, camera: { boxes: { after } } };
    const shared = createMultiViewSample(cloud, { ...smallOptions, camera: { boxes: 'sample' } });
    // The same cloud again: its views lie within what was drawn.
    expect(createMultiViewSample(cloud, later).cameras).toEqual(shared.cameras);
    expect(drawnBox(cloud, later)).toEqual(after);
    const wide: Box = { low: [-9, -9, -9], high: [9, 9, 9] };
    expect(drawnBox(cloud, { ...smallOptions, camera: { boxes: { after: wide } } })).toEqual(wide);
    const wrong: unknown[] = [
      { low: [1, 0, 0], high: [0, 0, 0] },
      { low: [0, 0, Number.NaN], high: [0, 0, 0] },
      { low: [0, 0, 0] },
    ];
    for (const box of wrong) {
      const camera = { boxes: { after: box as Box } };
      expect(() => createMultiViewSample(cloud, { ...smallOptions, camera })).toThrow(/camera.boxes/);
    }
  });

  test('a ground truth that does not share the moved camera is drawn larger', () => {
    const camera = { fit: 'stepBack', fitStep: 0.05 } as const;
    const anomalous = (shareWithGroundTruth: boolean) =>
      createMultiViewSample(cloud, {
        ...smallOptions,
        camera: { ...camera, shareWithGroundTruth },
      }).masks?.filter((flag) => flag === 1).length ?? 0;
    expect(anomalous(false)).toBeGreaterThan(1.2 * anomalous(true));
  });

  test('a mask drawn in another window is about the same mask', () => {
    const render = { ...smallOptions.render, groundTruthWindow: 96, groundTruthPointSize: 4.5 };
    const { masks } = createMultiViewSample(cloud, { ...smallOptions, render });
    expect(countDifferences(masks, sample.masks)).toBeLessThan(
      0.2 * (sample.masks?.filter(Boolean).length ?? 0),
    );
    expect(masks?.includes(1)).toBe(true);
  });

  test('background cells, an empty cloud and a single point', () => {
    const empty = createMultiViewSample(
      { positions: new Float32Array(0), foreground: new Uint8Array(0) },
      smallOptions,
    );
    expect(empty.renderings.every((value) => value === 255)).toBe(true);
    expect(empty.masks).toBeUndefined();
    expect(empty.correspondences?.visible).toHaveLength(0);
    const one = {
      positions: Float32Array.of(0, 0, 1),
      foreground: Uint8Array.of(1),
      labels: Uint8Array.of(1),
    };
    const single = createMultiViewSample(one, smallOptions);
    expect([...(single.correspondences?.visible ?? [])]).toEqual([1, 1, 1]);
    expect([...viewLabels(single)]).toEqual([1, 1, 1]);
    expect(viewLabels(empty)).toHaveLength(3);
  });

  test('refuses parts that disagree, NaN, and colouring without colours', () => {
    expect(() => createMultiViewSample({ ...cloud, labels: new Uint8Array(5) })).toThrow(ShapeError);
    expect(() => createMultiViewSample({ ...cloud, grid: [24, 23] })).toThrow(ShapeError);
    const broken = {
      ...cloud,
      positions: cloud.positions.map((value, i) => (i === 40 ? Number.NaN : value)),
    };
    expect(() => createMultiViewSample(broken)).toThrow(ArgumentError);
    const loud = { ...cloud, foreground: cloud.foreground.map((flag) => 255 * flag) };
    expect(() => createMultiViewSample(loud)).toThrow(ArgumentError);
    const { colours: _, ...colourless } = cloud;
    expect(() => createMultiViewSample(colourless, { preset: 'clip3d' })).toThrow(ArgumentError);
    expect(() => renderingOf(sample, 3)).toThrow(ArgumentError);
  });

  test('stops at the next view when told, and reports every one', () => {
    const events: number[] = [];
    createMultiViewSample(cloud, { ...smallOptions, onProgress: ({ done }) => events.push(done) });
    expect(events).toEqual([1, 2, 3]);
    const signal = AbortSignal.abort(new Error('enough'));
    expect(() => createMultiViewSample(cloud, { ...smallOptions, signal })).toThrow('enough');
  });
});

describe('a sample for CLIP3D-AD', () => {
  const cloud = smallCloud();
  const options = { preset: 'clip3d', render: { window: 60, size: 60 } } as const;
  const sample = createMultiViewSample(cloud, options);

  test('has five coloured views and the cell that every pixel shows', () => {
    expect(sample.viewCount).toBe(5);
    expect(sample.correspondences).toBeUndefined();
    const { indexMaps } = sample;
    if (!indexMaps) throw new Error('clip3d keeps index maps');
    expect(indexMaps.every((cell) => cell === -1 || cloud.foreground[cell] === 1)).toBe(true);
    const expected = Uint8Array.from({ length: 3 * indexMaps.length }, (_, i) => {
      const cell = indexMaps[Math.floor(i / 3)];
      return cell < 0 ? 255 : cloud.colours[3 * cell + (i % 3)];
    });
    expect(countDifferences(sample.renderings, expected)).toBe(0);
  });

  test('recolouring is the same as rendering with other colours, also where pictures are resized', () => {
    const colours = cloud.colours.map((value) => 255 - value);
    for (const render of [
      { window: 60, size: 60 },
      { window: 60, size: 40 },
    ]) {
      const before = createMultiViewSample(cloud, { ...options, render });
      const expected = createMultiViewSample({ ...cloud, colours }, { ...options, render });
      expect(countDifferences(recolourSample(before, colours), expected.renderings)).toBe(0);
    }
    expect(() => recolourSample(sample, new Uint8Array(3))).toThrow(ShapeError);
    expect(() => recolourSample(createMultiViewSample(cloud, smallOptions), colours)).toThrow(ArgumentError);
  });

  test('five points fall where clip3d-ad.md 4.3 says', () => {
    const xyz = [-0.05, -0.02, 0.4, 0.05, -0.02, 0.42, 0.05, 0.03, 0.41, -0.05, 0.03, 0.39, 0, 0, 0.38];
    const five = {
      positions: Float32Array.from(xyz),
      foreground: new Uint8Array(5).fill(1),
      colours: new Uint8Array(15),
    };
    const expected = {
      paper: [
        [45.1368, 86.1823, 198.6447, 76.3618, 198.103, 154.4295, 47.9909, 160.1315, 108.7881, 122.8498],
        [49.597, 62.7679, 173.0352, 112.1659, 172.2636, 174.3288, 22.9736, 140.9445, 130.6664, 107.0805],
      ],
      xyz: [
        [59.3622, 67.8805, 204.7616, 104.6244, 185.0963, 179.8961, 33.8496, 138.366, 109.9506, 113.044],
        [24.0594, 109.0011, 166.2591, 61.9483, 184.0487, 127.1995, 54.4417, 190.9123, 125.2465, 122.5668],
      ],
    };
    for (const convention of ['paper', 'xyz'] as const) {
      const made = createMultiViewSample(five, { preset: 'clip3d', views: { convention, select: [5, 27] } });
      const turned = rotateAbout(five.positions, { rotation: rotationX(Math.PI) }, [0, 0, 0]);
      made.cameras.forEach((camera, view) => {
        const { u, v } = projectPoints(rotateAbout(turned, made.poses[view], made.centre), camera);
        expected[convention][view].forEach((value, i) => {
          expect((i % 2 === 0 ? u : v)[i >> 1]).toBeCloseTo(value, 3);
        });
      });
    }
  });

  test('its views share one camera', () => {
    for (const camera of sample.cameras) expect(camera).toEqual(sample.cameras[0]);
  });
});
