import { ArgumentError, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import { describe, expect, test } from 'vitest';
import { randomRotation, rotationX, rotationY } from '../rotations.js';
import { accumulatedBoxes, boundingBox, boxTarget, unionOfBoxes } from './box.js';
import { eyeOf, fitCamera, intrinsicOf, lookAt, turnCamera } from './camera.js';
import { planViews } from './plan-views.js';
import { pointadExample } from './pointad-example.fixture.js';
import { rotateAbout } from './pose.js';
import { projectPoints } from './project-points.js';
import { viewPoses } from './view-poses.js';

describe('fitCamera', () => {
  test('gives the camera of the self-check of PointAD', () => {
    const { positions, box, camera } = pointadExample();
    const { centre, extent } = boxTarget(box);
    expect(extent).toBeCloseTo(0.161803399, 8);
    expectClose(centre, [0.05, -0.09777186, -1.02708292], 8);
    expectClose(eyeOf(camera), [0.05, -0.09777186, -0.83090672], 8);
    expect(camera.focal).toBeCloseTo(886.810013, 6);
    expect(fitCamera(box, { width: 1036 }).focal).toBeCloseTo(897.202318, 6);
    const { u, v } = projectPoints(positions, camera);
    expectClose(u, [133.078, 889.922, 322.599, 672.633, 511.5, 314.147], 3);
    expectClose(v, [-100.799, -100.799, 817.148, 677.507, 703.845, 138.956], 3);
    expect(camera.near).toBeCloseTo(0.00161803399, 8);
    expect(camera.far).toBeCloseTo(0.196176195 + 3 * 0.161803399, 8);
  });

  // `clip3d-ad.md` 4.4: five points, 240 pixels, views of the grid counted from 1.
  const flipped = Float64Array.of(
    -0.05,
    0.02,
    -0.4,
    0.05,
    0.02,
    -0.42,
    0.05,
    -0.03,
    -0.41,
    -0.05,
    -0.03,
    -0.39,
    0,
    0,
    -0.38,
  );
  test.each([
    [
      'view',
      'paper',
      1,
      0.1,
      [33.7857, 76.6429, 193.0772, 82.7114, 198.6834, 159.0917, 26.0806, 166.2097, 119.5, 109.2353],
    ],
    [
      'view',
      'paper',
      5,
      0.102442,
      [41.1739, 84.552, 200.8495, 74.2312, 200.2328, 155.5218, 44.2282, 161.3867, 106.9802, 122.6197],
    ],
    [
      'view',
      'xyz',
      5,
      0.113566,
      [62.8332, 69.0927, 199.6506, 103.6808, 180.9881, 174.1961, 39.0059, 135.3871, 110.6389, 111.3023],
    ],
    [
      'sample',
      'paper',
      5,
      0.11444,
      [45.1368, 86.1823, 198.6447, 76.3618, 198.103, 154.4295, 47.9909, 160.1315, 108.7881, 122.8498],
    ],
    [
      'sample',
      'paper',
      27,
      0.11444,
      [49.597, 62.7679, 173.0352, 112.1659, 172.2636, 174.3288, 22.9736, 140.9445, 130.6664, 107.0805],
    ],
    [
      'sample',
      'xyz',
      5,
      0.113566,
      [59.3622, 67.8805, 204.7616, 104.6244, 185.0963, 179.8961, 33.8496, 138.366, 109.9506, 113.044],
    ],
    [
      'sample',
      'xyz',
      27,
      0.113566,
      [24.0594, 109.0011, 166.2591, 61.9483, 184.0487, 127.1995, 54.4417, 190.9123, 125.2465, 122.5668],
    ],
  ] as const)(
    'fit to the %s, convention %s, view %i: the printed pixels',
    (cameraFit, convention, view, extent, uv) => {
      const poses = viewPoses({ schedule: 'grid27', convention });
      const plan = planViews(flipped, { poses, cameraFit, width: 240 })[view - 1];
      expect(boxTarget(plan.box).extent).toBeCloseTo(extent, 6);
      expect(plan.camera.focal).toBeCloseTo(207.846097, 6);
      const { u, v } = projectPoints(rotateAbout(flipped, plan.pose, plan.centre), plan.camera);
      expectClose(
        Array.from(u).flatMap((value, i) => [value, v[i]]),
        uv,
        3, // printed with four digits
      );
    },
  );

  test('several boxes are one box around all of them', () => {
    const a = boundingBox(Float32Array.of(0, 0, 0, 1, 1, 1));
    const b = boundingBox(Float32Array.of(2, 0, -1, 3, 0.5, 0));
    expect(fitCamera([a, b])).toEqual(fitCamera({ low: [0, 0, -1], high: [3, 1, 1] }));
    expect(fitCamera([a])).toEqual(fitCamera(a));
    expect(accumulatedBoxes([a, b])).toEqual([a, unionOfBoxes([a, b])]);
    expect(accumulatedBoxes([a], b)).toEqual([unionOfBoxes([a, b])]);
  });

  test('a single point is seen in the middle, as if its box had side 1', () => {
    const camera = fitCamera(boundingBox(Float32Array.of(3, 4, 5)), { width: 100, height: 60 });
    const { u, v, depth } = projectPoints(Float32Array.of(3, 4, 5), camera);
    expect([u[0], v[0]]).toEqual([49.5, 29.5]);
    expect(depth[0]).toBeCloseTo(0.7 / Math.tan(Math.PI / 6), 12);
    expect(camera.near).toBe(0.01);
  });

  test('no points: the camera looks at the origin', () => {
    const camera = fitCamera(boundingBox(new Float32Array(0)));
    expectClose(eyeOf(camera), [0, 0, 0.7 / Math.tan(Math.PI / 6)], 12);
  });

  test('a longer focal length and a closer zoom change what they say', () => {
    const box = boundingBox(Float32Array.of(0, 0, 0, 2, 1, 0));
    const camera = fitCamera(box, { width: 200, height: 100, fieldOfView: Math.PI / 2, zoom: 1 });
    expectClose(intrinsicOf(camera), [50, 0, 99.5, 0, 50, 49.5, 0, 0, 1], 9);
    expect(eyeOf(camera)[2]).toBeCloseTo(2, 12);
  });

  test('refuses windows without pixels and impossible lenses', () => {
    const box = boundingBox(Float32Array.of(0, 0, 0));
    expect(() => fitCamera(box, { width: 0 })).toThrow(ArgumentError);
    expect(() => fitCamera(box, { height: 1.5 })).toThrow(ArgumentError);
    expect(() => fitCamera(box, { fieldOfView: Math.PI })).toThrow(ArgumentError);
    expect(() => fitCamera(box, { zoom: 0 })).toThrow(ArgumentError);
    expect(() => fitCamera([])).toThrow(ArgumentError);
  });
});

describe('lookAt', () => {
  test('sees its target in the middle, what is upwards above it', () => {
    const camera = lookAt([3, 2, 1], [0, 0, 0], { up: [0, 0, 1], width: 101 });
    const { u, v, depth } = projectPoints(Float32Array.of(0, 0, 0, 0, 0, 0.5), camera);
    expect(u[0]).toBeCloseTo(50, 9);
    expect(v[0]).toBeCloseTo(50, 9);
    expect(depth[0]).toBeCloseTo(Math.sqrt(14), 9);
    expect(u[1]).toBeCloseTo(50, 9);
    expect(v[1]).toBeLessThan(50);
    expectClose(eyeOf(camera), [3, 2, 1], 12);
  });

  test('from the front it is the fitted camera', () => {
    const fitted = fitCamera(boundingBox(Float32Array.of(0, 0, 0, 1, 2, 3)));
    const [x, y, z] = eyeOf(fitted);
    expectClose(lookAt([x, y, z], [x, y, 0]).extrinsic, fitted.extrinsic, 12);
  });

  test('refuses to look at itself or along its upward direction', () => {
    expect(() => lookAt([1, 1, 1], [1, 1, 1])).toThrow(ArgumentError);
    expect(() => lookAt([0, 1, 0], [0, 0, 0])).toThrow(ArgumentError);
    expect(() => lookAt([0, 0, 1], [0, 0, 0], { near: 2, far: 1 })).toThrow('near');
    expect(() => lookAt([0, 0, Number.NaN], [0, 0, 0])).toThrow(ArgumentError);
  });
});

describe('turnCamera', () => {
  test('a camera that turns with the cloud sees every point where it was', () => {
    const rng = createRng('turnCamera');
    const points = Float64Array.from({ length: 60 }, () => rng.normal());
    const camera = lookAt([5, 4, 3], [0, 0.1, 0]);
    const pose = { rotation: randomRotation(rng) };
    const centre = [0.3, -0.2, 0.5];
    const before = projectPoints(points, camera);
    const after = projectPoints(rotateAbout(points, pose, centre), turnCamera(camera, pose, centre));
    for (const part of ['u', 'v', 'depth'] as const) expectClose(after[part], before[part], 9);
  });
});

describe('projectPoints', () => {
  const camera = lookAt([0, 0, 0], [0, 0, -1], { width: 10, near: 0.1 });

  test('points at and behind the camera have a depth but no pixel', () => {
    const { u, v, depth } = projectPoints(Float32Array.of(0, 0, -1, 1, 1, 0, 0, 0, 2), camera);
    expect([...depth]).toEqual([1, 0, -2]);
    expect([...u]).toEqual([4.5, Number.NaN, Number.NaN]);
    expect([...v]).toEqual([4.5, Number.NaN, Number.NaN]);
  });

  test('no points have an empty projection', () => {
    expect(projectPoints(new Float32Array(0), camera).u).toHaveLength(0);
  });

  test('refuses NaN, broken triples and cameras that are none', () => {
    expect(() => projectPoints(Float32Array.of(Number.NaN, 0, 0), camera)).toThrow(ArgumentError);
    expect(() => projectPoints(new Float32Array(4), camera)).toThrow(ShapeError);
    expect(() => projectPoints(new Float32Array(3), { ...camera, width: 0 })).toThrow(ArgumentError);
    expect(() => projectPoints(new Float32Array(3), { ...camera, width: 1e9 })).toThrow('pixels');
    expect(() => projectPoints(new Float32Array(3), { ...camera, focal: -1 })).toThrow(ArgumentError);
    expect(() => projectPoints(new Float32Array(3), { ...camera, extrinsic: new Float64Array(12) })).toThrow(
      ShapeError,
    );
  });
});

describe('rotateAbout', () => {
  test('turns about the mean unless told otherwise', () => {
    const turned = rotateAbout(Float32Array.of(0, 0, 0, 2, 0, 0), { rotation: rotationY(Math.PI / 2) });
    expectClose(turned, [1, 0, 1, 1, 0, -1], 12);
    const about = rotateAbout(Float32Array.of(0, 1, 0), { rotation: rotationX(Math.PI) }, [0, 0, 0]);
    expectClose(about, [0, -1, 0], 12);
    expect(rotateAbout(new Float32Array(0), { rotation: rotationX(1) })).toHaveLength(0);
  });

  test('refuses a rotation that is none', () => {
    expect(() => rotateAbout(new Float32Array(3), { rotation: new Float64Array(16) })).toThrow(ShapeError);
    expect(() => rotateAbout(new Float32Array(4), { rotation: rotationX(1) })).toThrow(ShapeError);
  });
});

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, digits: number) {
  expect(actual).toHaveLength(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i]).toBeCloseTo(expected[i], digits);
}
