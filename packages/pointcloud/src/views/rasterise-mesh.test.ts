import { ArgumentError, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomRotation } from '../rotations.js';
import { boundingBox } from './box.js';
import { type Camera, fitCamera, lookAt, turnCamera } from './camera.js';
import { meshSurface } from './mesh-surface.js';
import { rotateAbout } from './pose.js';
import { rasteriseMesh } from './rasterise-mesh.js';
import { vertexNormals } from './vertex-normals.js';

const camera = lookAt([0, 0, 4], [0, 0, 0], { width: 40, near: 0.5 });
/** A square across the view, of two triangles that turn opposite ways. */
const square = {
  positions: Float64Array.of(-1, -1, 0, 1, -1, 0, 1, 1, 0, -1, 1, 0),
  triangles: Uint32Array.of(0, 1, 2, 0, 3, 2),
};

describe('rasteriseMesh', () => {
  test('covers what the rays through the pixel centres meet, both sides, at the right depth', () => {
    const { index, depth } = rasteriseMesh(square, camera);
    const half = camera.focal / 4; // of the square, in pixels about 19.5
    for (let pixel = 0; pixel < 1600; pixel++) {
      const [x, y] = [(pixel % 40) - 19.5, Math.floor(pixel / 40) - 19.5];
      expect(index[pixel] >= 0).toBe(Math.abs(x) <= half && Math.abs(y) <= half);
      if (index[pixel] < 0) continue;
      expect(depth[pixel]).toBeCloseTo(4, 6);
      if (x !== -y) expect(index[pixel]).toBe(x > -y ? 0 : 1);
    }
  });

  test('the nearer triangle hides the other; the first of two equal ones is seen', () => {
    const positions = Float64Array.of(...square.positions, -1, -1, 1, 1, -1, 1, 1, 1, 1);
    const { index } = rasteriseMesh({ positions, triangles: Uint32Array.of(0, 1, 2, 4, 5, 6) }, camera);
    expect(new Set(index)).toEqual(new Set([-1, 1]));
    const twice = rasteriseMesh({ ...square, triangles: Uint32Array.of(0, 1, 2, 2, 0, 1) }, camera);
    expect(new Set(twice.index)).toEqual(new Set([-1, 0]));
  });

  test('a closed surface has no cracks, wherever it is seen from', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const pose = { rotation: randomRotation(createRng(seed)) };
        const positions = rotateAbout(sphere.positions, pose, [0, 0, 0]);
        const { index } = rasteriseMesh({ ...sphere, positions }, camera);
        // The disc of radius asin(1/4) about the middle, less a pixel for the corners of the triangles.
        const radius = camera.focal * Math.tan(Math.asin(0.25)) * 0.9 - 1;
        for (let pixel = 0; pixel < 1600; pixel++) {
          const distance = Math.hypot((pixel % 40) - 19.5, Math.floor(pixel / 40) - 19.5);
          if (distance < radius) expect(index[pixel]).toBeGreaterThanOrEqual(0);
        }
      }),
      { seed: 10, numRuns: 30 },
    );
  });

  test('a ground that reaches behind the camera is cut at the near plane', () => {
    const ground = {
      positions: Float64Array.of(-1000, -1, 1000, 1000, -1, 1000, 0, -1, -1000),
      triangles: Uint32Array.of(0, 1, 2),
    };
    const { index, depth } = rasteriseMesh(ground, camera);
    const middleColumn = Array.from({ length: 40 }, (_, row) => row * 40 + 20);
    middleColumn.forEach((pixel, row) => {
      const z = row > 19.5 ? camera.focal / (row - 19.5) : Infinity; // the ground is 1 below the eye
      expect(index[pixel]).toBe(z >= 0.5 && z <= camera.far && z <= 1004 ? 0 : -1);
      if (index[pixel] === 0) expect(depth[pixel] / z).toBeCloseTo(1, 6);
    });
    expect(middleColumn.filter((pixel) => index[pixel] === 0).length).toBeGreaterThan(15);
  });

  test('turning mesh and camera together changes nothing', () => {
    const pose = { rotation: randomRotation(createRng('mesh')) };
    const generic = { ...sphere, positions: rotateAbout(sphere.positions, pose, [0, 0, 0]) }; // no side through a pixel centre
    const turned = { ...sphere, positions: rotateAbout(generic.positions, pose, [1, 2, 3]) };
    const { index } = rasteriseMesh(turned, turnCamera(camera, pose, [1, 2, 3]));
    expect(index).toEqual(rasteriseMesh(generic, camera).index);
  });

  test('no triangles, none with area, and none in sight give an empty raster', () => {
    const behind = Float64Array.of(-1, -1, 9, 1, -1, 9, 1, 1, 9);
    const aside = Float64Array.of(99, -1, 0, 100, -1, 0, 100, 1, 0);
    const line = Float64Array.of(0, 0, 0, 1, 1, 0, 2, 2, 0);
    const empty = rasteriseMesh({ positions: new Float32Array(0), triangles: new Uint32Array(0) }, camera);
    for (const positions of [behind, aside, line]) {
      expect(rasteriseMesh({ positions, triangles: Uint32Array.of(0, 1, 2) }, camera)).toEqual(empty);
    }
    expect(empty.index.every((i) => i === -1)).toBe(true);
  });

  test('refuses triangles of vertices that are not there, and NaN', () => {
    const { positions } = square;
    expect(() => rasteriseMesh({ positions, triangles: Uint32Array.of(0, 1, 4) }, camera)).toThrow(
      ArgumentError,
    );
    expect(() => rasteriseMesh({ positions, triangles: Uint32Array.of(0, 1) }, camera)).toThrow(ShapeError);
    const broken = Float64Array.of(Number.NaN, 0, 0, 1, 0, 0, 0, 1, 0);
    expect(() => rasteriseMesh({ positions: broken, triangles: Uint32Array.of(0, 1, 2) }, camera)).toThrow(
      ArgumentError,
    );
  });
});

describe('meshSurface', () => {
  const box = boundingBox(square.positions);
  const close: Camera = fitCamera(box, { width: 21 });

  test('gives every pixel the point that its ray meets, with mixed normals and colours', () => {
    const colours = Uint8Array.of(0, 0, 0, 255, 0, 0, 255, 255, 0, 0, 255, 0); // red to the right, green upwards
    const normals = Float64Array.of(-0.6, 0, 0.8, 0.6, 0, 0.8, 0.6, 0, 0.8, -0.6, 0, 0.8);
    const surface = meshSurface(rasteriseMesh(square, close), square, close, { normals, colours });
    surface.raster.index.forEach((sample, pixel) => {
      if (sample < 0) return;
      const [x, y, z] = surface.positions.subarray(3 * sample, 3 * sample + 3);
      const depth = 0.7 * 2 * Math.sqrt(3);
      expect(x).toBeCloseTo((((pixel % 21) - 10) * depth) / close.focal, 9);
      expect(y).toBeCloseTo(((10 - Math.floor(pixel / 21)) * depth) / close.focal, 9);
      expect(z).toBeCloseTo(0, 9);
      expect(Math.abs((surface.colours?.[3 * sample] ?? -1) - (255 * (x + 1)) / 2)).toBeLessThan(0.5 + 1e-9);
      expect(Math.abs((surface.colours?.[3 * sample + 1] ?? -1) - (255 * (y + 1)) / 2)).toBeLessThan(
        0.5 + 1e-9,
      );
      expect(surface.normals[3 * sample] / surface.normals[3 * sample + 2]).toBeCloseTo(0.75 * x, 9);
      if (Math.abs(x) > 0.2 && Math.abs(y) > 0.2 && Math.abs(x + y) > 0.2) {
        const corner = x > 0 ? (y > 0 ? 2 : 1) : y > 0 ? 3 : 0;
        expect(surface.vertexOf[sample]).toBe(corner);
      }
    });
  });

  test('without normals every triangle is flat', () => {
    const surface = meshSurface(rasteriseMesh(sphere, camera), sphere, camera);
    surface.raster.index.forEach((sample) => {
      if (sample < 0) return;
      const normal = surface.normals.subarray(3 * sample, 3 * sample + 3);
      const position = surface.positions.subarray(3 * sample, 3 * sample + 3);
      expect(Math.hypot(...normal)).toBeCloseTo(1, 9);
      expect(
        Math.abs(normal[0] * position[0] + normal[1] * position[1] + normal[2] * position[2]),
      ).toBeGreaterThan(0.85);
    });
    expect(surface.colours).toBeUndefined();
  });

  test('refuses another number of normals or colours', () => {
    const raster = rasteriseMesh(square, close);
    expect(() => meshSurface(raster, square, close, { normals: new Float64Array(3) })).toThrow(ShapeError);
    expect(() => meshSurface(raster, square, close, { colours: new Uint8Array(3) })).toThrow(ShapeError);
  });
});

describe('vertexNormals', () => {
  test('of a sphere point outwards', () => {
    const normals = vertexNormals(sphere);
    for (let i = 0; i < normals.length; i += 3) {
      const along = [0, 1, 2].reduce((sum, axis) => sum + normals[i + axis] * sphere.positions[i + axis], 0);
      expect(along).toBeGreaterThan(0.95);
    }
  });

  test('a vertex without area around it gets (0, 0, 1)', () => {
    const positions = Float32Array.of(0, 0, 0, 1, 0, 0, 2, 0, 0, 5, 5, 5);
    expect([...vertexNormals({ positions, triangles: Uint32Array.of(0, 1, 2) })]).toEqual([
      0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1,
    ]);
  });
});

/** A unit sphere of twelve rings of sixteen vertices and two poles. */
const sphere = (() => {
  const rings = 12;
  const sides = 16;
  const positions = [0, 0, 1];
  for (let ring = 1; ring <= rings; ring++) {
    const polar = (Math.PI * ring) / (rings + 1);
    for (let side = 0; side < sides; side++) {
      const around = (2 * Math.PI * side) / sides;
      positions.push(Math.sin(polar) * Math.cos(around), Math.sin(polar) * Math.sin(around), Math.cos(polar));
    }
  }
  positions.push(0, 0, -1);
  const last = 1 + rings * sides;
  const triangles: number[] = [];
  const vertex = (ring: number, side: number) => 1 + ring * sides + (side % sides);
  for (let side = 0; side < sides; side++) {
    triangles.push(0, vertex(0, side), vertex(0, side + 1));
    triangles.push(last, vertex(rings - 1, side + 1), vertex(rings - 1, side));
    for (let ring = 0; ring + 1 < rings; ring++) {
      triangles.push(vertex(ring, side), vertex(ring + 1, side), vertex(ring + 1, side + 1));
      triangles.push(vertex(ring, side), vertex(ring + 1, side + 1), vertex(ring, side + 1));
    }
  }
  return { positions: Float64Array.from(positions), triangles: Uint32Array.from(triangles) };
})();
