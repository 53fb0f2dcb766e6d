import { ArgumentError, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomRotation } from '../rotations.js';
import { boundingBox } from './box.js';
import { type Camera, fitCamera, turnCamera } from './camera.js';
import { rotateAbout } from './pose.js';
import { type Projection, projectPoints } from './project-points.js';
import { renderedDepth } from './raster.js';
import { rasterisePoints } from './rasterise-points.js';

/** A camera at the origin that looks along +z: u = 10 X / Z + 4. */
const camera: Camera = {
  width: 9,
  height: 9,
  focal: 10,
  centreX: 4,
  centreY: 4,
  extrinsic: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1),
  near: 0.5,
  far: 100,
};

function at(...points: [u: number, v: number, depth: number][]): Projection {
  const column = (axis: number) => Float64Array.from(points, (point) => point[axis]);
  return { u: column(0), v: column(1), depth: column(2) };
}

/** The columns that a point at column `u` covers. */
function columns(u: number, pointSize: number, coverage?: 'centred' | 'roundHalfUp'): number[] {
  const { index } = rasterisePoints(at([u, 4, 1]), camera, { pointSize, coverage });
  return Array.from({ length: 9 }, (_, column) => column).filter((column) => index[4 * 9 + column] === 0);
}

describe('the squares', () => {
  test.each([
    [4.2, 1, [4]],
    [4.2, 2, [4, 5]],
    [4, 2, [3, 4]],
    [4.2, 3, [3, 4, 5]],
    [4.6, 3, [4, 5, 6]],
    [4.2, 5, [2, 3, 4, 5, 6]],
    [4.2, 2.5, [3, 4, 5]],
    [0.2, 5, [0, 1, 2]],
    [8.4, 5, [6, 7, 8]],
    [-5, 5, []],
  ])('at %f, of side %f, cover columns %j by either rule', (u, size, expected) => {
    expect(columns(u, size)).toEqual(expected);
    if (u !== 4) expect(columns(u, size, 'roundHalfUp')).toEqual(expected);
  });

  test('on a border exactly, the rules take the one or the other side', () => {
    expect(columns(4.5, 3)).toEqual([3, 4, 5]);
    expect(columns(4.5, 3, 'roundHalfUp')).toEqual([4, 5, 6]);
    expect(columns(4, 2)).toEqual([3, 4]);
    expect(columns(4, 2, 'roundHalfUp')).toEqual([4, 5]);
  });

  test('each point may have its own size', () => {
    const { index } = rasterisePoints(at([1, 1, 1], [6, 6, 1]), camera, { pointSize: [1, 3] });
    expect(index.filter((i) => i === 0)).toHaveLength(1);
    expect(index.filter((i) => i === 1)).toHaveLength(9);
  });
});

describe('the depth test', () => {
  test('the nearest is seen, the first among equals', () => {
    const { index, depth } = rasterisePoints(at([4, 4, 3], [4, 4, 2], [4, 4, 2], [4, 4, 2.5]), camera);
    expect(new Set(index)).toEqual(new Set([-1, 1]));
    expect(depth[4 * 9 + 4]).toBe(2);
  });

  test('depths that float32 cannot tell apart are still told apart', () => {
    const { index } = rasterisePoints(at([4, 4, 2 + 1e-12], [4, 4, 2]), camera, { pointSize: 1 });
    expect(index[4 * 9 + 4]).toBe(1);
  });

  test('what is before near, beyond far or behind the camera is left out', () => {
    const projection = at([4, 4, 0.49], [4, 4, 101], [Number.NaN, Number.NaN, -1]);
    const raster = rasterisePoints(projection, camera);
    expect(new Set(raster.index)).toEqual(new Set([-1]));
    expect(new Set(raster.depth)).toEqual(new Set([Infinity]));
    expect(new Set(renderedDepth(raster).data)).toEqual(new Set([0]));
  });

  test('agrees with a search through all points for every pixel', () => {
    fc.assert(
      fc.property(clouds, fc.integer({ min: 1, max: 7 }), (points, pointSize) => {
        const projection = projectPoints(points, camera);
        const { index } = rasterisePoints(projection, camera, { pointSize });
        for (let pixel = 0; pixel < 81; pixel++) {
          const [i, j] = [pixel % 9, Math.floor(pixel / 9)];
          let nearest = -1;
          for (let p = 0; p < projection.u.length; p++) {
            const [x, y, z] = [i - projection.u[p], j - projection.v[p], projection.depth[p]];
            const half = pointSize / 2;
            const covers = -half <= x && x < half && -half <= y && y < half && z >= 0.5 && z <= 100;
            if (covers && (nearest < 0 || z < projection.depth[nearest])) nearest = p;
          }
          expect(index[pixel]).toBe(nearest);
        }
      }),
      { seed: 7, numRuns: 40 },
    );
  });
});

describe('laws', () => {
  test('the order of the points changes neither coverage nor depth', () => {
    fc.assert(
      fc.property(clouds, fc.integer(), (points, seed) => {
        const order = createRng(seed).permutation(points.length / 3);
        const shuffled = Float64Array.from([...order].flatMap((i) => [...points.subarray(3 * i, 3 * i + 3)]));
        const straight = rasterisePoints(projectPoints(points, camera), camera, { pointSize: 3 });
        const other = rasterisePoints(projectPoints(shuffled, camera), camera, { pointSize: 3 });
        expect(other.depth).toEqual(straight.depth);
        const covered = ({ index }: typeof straight) => index.map((i) => (i < 0 ? 0 : 1));
        expect(covered(other)).toEqual(covered(straight));
      }),
      { seed: 8, numRuns: 40 },
    );
  });

  test('turning the cloud and the camera together changes nothing', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const rng = createRng(seed);
        const points = Float64Array.from({ length: 600 }, () => rng.normal());
        const fitted = fitCamera(boundingBox(points), { width: 48 });
        const pose = { rotation: randomRotation(rng) };
        const centre = [rng.normal(), rng.normal(), rng.normal()];
        const turned = turnCamera(fitted, pose, centre);
        const before = rasterisePoints(projectPoints(points, fitted), fitted, { pointSize: 5 });
        const after = rasterisePoints(projectPoints(rotateAbout(points, pose, centre), turned), turned, {
          pointSize: 5,
        });
        expect(after.index).toEqual(before.index);
      }),
      { seed: 9, numRuns: 20 },
    );
  });
});

test('no points give an empty raster', () => {
  const { index, width, height } = rasterisePoints(at(), camera);
  expect([index.length, width, height]).toEqual([81, 9, 9]);
  expect(index.every((i) => i === -1)).toBe(true);
});

test('refuses sizes and windows that cannot be', () => {
  const one = at([4, 4, 1]);
  expect(() => rasterisePoints(one, camera, { pointSize: 0.5 })).toThrow(ArgumentError);
  expect(() => rasterisePoints(one, camera, { pointSize: Number.NaN })).toThrow(ArgumentError);
  expect(() => rasterisePoints(one, camera, { pointSize: [1, 2] })).toThrow(ShapeError);
  expect(() => rasterisePoints(one, camera, { pointSize: [Infinity] })).toThrow(ArgumentError);
  expect(() => rasterisePoints(one, camera, { coverage: 'round' as 'centred' })).toThrow(ArgumentError);
  expect(() => rasterisePoints(one, { ...camera, height: 0 })).toThrow(ArgumentError);
});

const clouds = fc
  .array(
    fc.tuple(
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.constantFrom(-1, 0, 0.4, 1, 1.5, 2, 3),
    ),
    { maxLength: 30 },
  )
  .map((points) => Float64Array.from(points.flat()));
