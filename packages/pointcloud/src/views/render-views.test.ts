import { ArgumentError, ShapeError } from '@anomclip/core';
import { resizeImage } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { describe, expect, test, vi } from 'vitest';
import { estimateNormals } from '../normals.js';
import { boundingBox, unionOfBoxes } from './box.js';
import { fitCamera, lookAt } from './camera.js';
import { type Drawable, toDrawable } from './drawable.js';
import { planViews } from './plan-views.js';
import { rotateAbout } from './pose.js';
import { renderView } from './render-view.js';
import { renderViews } from './render-views.js';
import { viewPoses } from './view-poses.js';

const rng = createRng('render-views');
/** Points on the upper half of a sphere; those with x > 0.5 are anomalous and red. */
const positions = Float32Array.from(
  Array.from({ length: 1500 }, () => {
    const direction = [rng.normal(), rng.normal(), Math.abs(rng.normal())];
    const length = Math.hypot(...direction);
    return direction.map((component) => component / length);
  }).flat(),
);
const labels = Uint8Array.from({ length: 1500 }, (_, i) => (positions[3 * i] > 0.5 ? 1 : 0));
const colours = Uint8Array.from({ length: 4500 }, (_, i) =>
  i % 3 === 0 && labels[Math.floor(i / 3)] ? 200 : 0,
);
const dome: Drawable = { positions, colours, labels, normals: positions };
const front = [viewPoses({ count: 1 })[0]];
const small = { width: 64, size: 24, poses: front };

describe('renderViews', () => {
  test('gives nine pictures of 336 pixels and their ground truth by default', () => {
    const views = renderViews({ positions: positions.slice(0, 300), labels: labels.slice(0, 100) });
    expect(views).toHaveLength(9);
    for (const { image, groundTruth, camera } of views) {
      expect(image.shape).toEqual([336, 336, 3]);
      expect(groundTruth?.shape).toEqual([336, 336]);
      expect(camera.width).toBe(1024);
    }
  });

  test('a shaded picture is lit in the middle and white around', () => {
    const [{ image }] = renderViews(dome, small);
    const middle = image.get(12, 12, 0);
    expect(middle).toBeGreaterThan(200);
    expect(middle).toBeLessThanOrEqual(255);
    expect(image.get(12, 6, 0)).toBeLessThan(middle); // the flank faces away
    expect([0, 1, 2].map((channel) => image.get(0, 0, channel))).toEqual([255, 255, 255]);
    for (let i = 0; i < image.data.length; i += 3) expect(image.data[i + 1]).toBe(image.data[i]);
  });

  test('the ground truth is anomalous where the labels are, and hides what is behind', () => {
    const [{ image, groundTruth }] = renderViews(dome, { ...small, colouring: 'colours', size: 'window' });
    expect(image.shape).toEqual([64, 64, 3]);
    if (!groundTruth) throw new Error('no ground truth');
    const [left, middle, right] = [14, 32, 50].map((column) => groundTruth.get(32, column));
    expect([left, middle, right]).toEqual([0, 0, 1]);
    expect([image.get(32, 50, 0), image.get(32, 50, 1)]).toEqual([200, 0]);
    const hidden = Float32Array.of(...positions, ...positions.map((value) => value * 0.5));
    const below = [...labels.map(() => 0), ...labels];
    const [view] = renderViews({ positions: hidden, labels: below, normals: hidden }, small);
    expect(view.groundTruth?.data.every((value) => value === 0)).toBe(true);
  });

  test('the picture of the window, resized, is the smaller picture', () => {
    for (const colouring of ['shaded', 'shadedColours', 'colours'] as const) {
      const [large] = renderViews(dome, { ...small, colouring, size: 'window' });
      const [resized] = renderViews(dome, { ...small, colouring });
      expect(resized.image.data).toEqual(resizeImage(large.image, 24, 24).data);
    }
  });

  test('the background may have a colour', () => {
    const [{ image }] = renderViews(dome, { ...small, background: [10, 20, 30] });
    expect([0, 1, 2].map((channel) => image.get(0, 0, channel))).toEqual([10, 20, 30]);
    expect(image.get(12, 12, 2)).toBe(image.get(12, 12, 0));
  });

  test('brighter lights and another base colour change the picture', () => {
    const greyOf = (options: object) => renderViews(dome, { ...small, ...options })[0].image.get(12, 9, 0);
    expect(greyOf({ lighting: { diffuse: 0.4 } })).toBeLessThan(greyOf({}));
    expect(greyOf({ base: 0.9 })).toBeGreaterThan(greyOf({}));
  });

  test('estimates the normals that a cloud has not', () => {
    const [own] = renderViews({ positions, normals: estimateNormals(positions) }, small);
    const [estimated] = renderViews({ positions }, small);
    expect(estimated.image.data).toEqual(own.image.data);
    const [near] = renderViews({ positions }, { ...small, normalOptions: { maxNeighbours: 5 } });
    expect(near.image.data).not.toEqual(own.image.data);
  });

  test('a mesh is drawn by its triangles, smooth or flat', () => {
    const triangles = Uint32Array.of(0, 1, 2, 0, 2, 3);
    const tent = Float32Array.of(-1, -1, 0, 1, -1, 0.5, 1, 1, 0, -1, 1, 0.5);
    const [flat] = renderViews({ positions: tent, triangles }, { ...small, meshNormals: 'flat' });
    const [smooth] = renderViews({ positions: tent, triangles }, small);
    const greys = (image: typeof flat.image) => new Set(image.data.filter((value) => value < 250)).size;
    expect(greys(smooth.image)).toBeGreaterThan(greys(flat.image) / 2);
    expect(smooth.image.data).not.toEqual(flat.image.data);
    const [marked] = renderViews({ positions: tent, triangles, labels: [0, 1, 0, 0] }, small);
    expect(marked.groundTruth?.get(16, 16)).toBe(1);
    expect(marked.groundTruth?.get(8, 8)).toBe(0);
  });

  test('no points give the background, a single point a square in the middle', () => {
    const empty = renderViews({ positions: new Float32Array(0), labels: [] }, small);
    expect(empty[0].image.data.every((value) => value === 255)).toBe(true);
    expect(empty[0].groundTruth?.data.every((value) => value === 0)).toBe(true);
    const [one] = renderViews(
      { positions: Float32Array.of(7, 8, 9) },
      { ...small, size: 'window', base: 0, background: [90, 90, 90], lighting: { specular: 0 } },
    );
    const rows = [...Array(64).keys()].filter((row) => one.image.get(row, 32, 0) === 0);
    expect(rows).toEqual([28, 29, 30, 31, 32, 33, 34, 35]);
  });

  test('reports progress and stops when told to', () => {
    const onProgress = vi.fn();
    renderViews(dome, { ...small, poses: viewPoses({ count: 2 }), onProgress });
    expect(onProgress.mock.calls.map(([event]) => event)).toEqual([
      { stage: 'render', done: 1, total: 2 },
      { stage: 'render', done: 2, total: 2 },
    ]);
    const signal = AbortSignal.abort(new Error('enough'));
    expect(() => renderViews(dome, { ...small, signal })).toThrow('enough');
  });

  test('refuses arrays that disagree, NaN and impossible options', () => {
    expect(() => renderViews({ positions: new Float32Array(4) })).toThrow(ShapeError);
    expect(() => renderViews({ positions: Float32Array.of(0, Number.NaN, 0) })).toThrow(ArgumentError);
    expect(() => renderViews({ positions, labels: [1] })).toThrow('labels');
    expect(() => renderViews({ positions, colours: new Uint8Array(3) })).toThrow('colours');
    expect(() => renderViews({ positions, spacing: new Float64Array(3) })).toThrow('spacing');
    expect(() => renderViews({ positions, normals: new Float32Array(3) })).toThrow(ShapeError);
    expect(() => renderViews({ positions, triangles: Uint32Array.of(0, 1, 1500) })).toThrow(ArgumentError);
    expect(() => renderViews(dome, { size: 0 })).toThrow(ArgumentError);
    expect(() => renderViews(dome, { width: 0 })).toThrow(ArgumentError);
    expect(() => renderViews(dome, { ...small, colouring: 'rgb' as 'colours' })).toThrow(ArgumentError);
    expect(() => renderViews({ positions }, { ...small, colouring: 'colours' })).toThrow('colours');
    const [plan] = planViews(positions, small);
    expect(() => renderView({ positions }, plan)).toThrow('normals');
  });
});

describe('planViews', () => {
  const poses = viewPoses({ count: 3 });

  test('fits each camera to its view, to the sample, or to all views so far', () => {
    const boxes = poses.map((pose) => boundingBox(rotateAbout(positions, pose)));
    const fitted = (cameraFit: 'view' | 'sample' | 'accumulate') =>
      planViews(positions, { poses, cameraFit }).map(({ box }) => box);
    expect(fitted('view')).toEqual(boxes);
    expect(fitted('sample')).toEqual(poses.map(() => unionOfBoxes(boxes)));
    expect(fitted('accumulate')).toEqual([
      boxes[0],
      unionOfBoxes(boxes.slice(0, 2)),
      unionOfBoxes(boxes.slice(0, 3)),
    ]);
    const drawnBefore = boundingBox(Float32Array.of(5, 5, 5));
    const [first] = planViews(positions, { poses, cameraFit: 'accumulate', drawnBefore });
    expect(first.box).toEqual(unionOfBoxes([drawnBefore, boxes[0]]));
    expect(first.camera).toEqual(fitCamera(first.box));
  });

  test('takes given cameras, and moves fitted ones back', () => {
    const camera = lookAt([0, 0, 9], [0, 0, 0], { width: 32 });
    expect(planViews(positions, { poses, cameras: camera }).map((plan) => plan.camera)).toEqual([
      camera,
      camera,
      camera,
    ]);
    expect(() => planViews(positions, { poses, cameras: [camera] })).toThrow(ArgumentError);
    const [moved] = planViews(positions, { poses, stepBack: true });
    expect(moved.camera.extrinsic[11]).toBeGreaterThan(
      planViews(positions, { poses })[0].camera.extrinsic[11],
    );
    expect(
      planViews(positions, { poses, stepBack: { step: 1, minimumSteps: 4 } })[0].camera.far,
    ).toBeGreaterThan(moved.camera.far);
  });

  test('turns about the mean, or about what it is told', () => {
    expect(planViews(Float32Array.of(0, 0, 0, 2, 4, 6))[0].centre).toEqual([1, 2, 3]);
    expect(planViews(positions, { centre: [0, 0, 1] })[0].centre).toEqual([0, 0, 1]);
  });
});

test('toDrawable takes a cloud as it is, strides too', () => {
  const cloud = {
    positions: ndarray(Float32Array.of(1, 4, 2, 5, 3, 6), [2, 3], [1, 2]),
    colours: ndarray(Uint8Array.of(1, 2, 3, 4, 5, 6), [2, 3]),
    labels: Uint8Array.of(0, 1),
  };
  const triangles = Uint32Array.of(0, 1, 1);
  expect(toDrawable(cloud, triangles)).toEqual({
    positions: Float32Array.of(1, 2, 3, 4, 5, 6),
    colours: cloud.colours.data,
    labels: cloud.labels,
    triangles,
  });
});
