import { readFileSync } from 'node:fs';
import { readSafetensors, toFloat32 } from '@anomclip/core/weights';
import { describe, expect, test } from 'vitest';
import { estimateNormals } from '../normals.js';
import { centroid, rotationXyz } from '../rotations.js';
import { sharedFile } from '../testing/golden.js';
import { accumulatedBoxes, type Box, boundingBox } from './box.js';
import { fitCamera, intrinsicOf } from './camera.js';
import { viewerLighting } from './lighting.js';
import { paintColours, paintGrey } from './paint.js';
import { rotateAbout } from './pose.js';
import { projectPoints } from './project-points.js';
import { rasterisePoints } from './rasterise-points.js';
import { shadePoints } from './shade-points.js';
import { viewPoses } from './view-poses.js';

const renderPath = sharedFile('golden/render-open3d.safetensors');
const clip3dPath = sharedFile('golden/clip3d-ad.safetensors');

describe.skipIf(!renderPath)("Open3D's visualiser (skipped without ../shared)", () => {
  const { read, metadata } = golden(renderPath);
  const angles: Record<string, [number, number, number]> = JSON.parse(metadata.angles ?? '{}');
  const names = Object.keys(angles);
  const size = Number(metadata.image_size);
  const points = flippedPoints(read);
  const centre = centroid(points);
  const turned = names.map((name) => rotateAbout(points, { rotation: rotationXyz(...angles[name]) }, centre));
  const boxes = accumulatedBoxes(turned.map((positions) => boundingBox(positions)));
  const colours = Uint8Array.from(read('input.colours'), (value) => Math.round(255 * value));

  test.each(names)('%s: the cloud turns alike', (name) => {
    expect(largestError(turned[names.indexOf(name)], read(`${name}.rotated`))).toBeLessThan(1e-9);
  });

  test.each(names)('%s: the camera and the projection', (name) => {
    const { camera, positions } = viewOf(name);
    expect(largestError(intrinsicOf(camera), read(`${name}.intrinsic`))).toBeLessThan(1e-6);
    expect(largestError(camera.extrinsic, read(`${name}.extrinsic`))).toBeLessThan(1e-6);
    const { u, v, depth } = projectPoints(positions, camera);
    const expected = read(`${name}.uv_depth`);
    const column = (at: number) => expected.filter((_, i) => i % 3 === at);
    expect(largestError(u, column(0))).toBeLessThan(1e-3);
    expect(largestError(v, column(1))).toBeLessThan(1e-3);
    expect(largestError(depth, column(2))).toBeLessThan(1e-5);
  });

  test.each(names)('%s: the coloured picture', (name) => {
    const { camera, positions } = viewOf(name);
    const raster = rasterisePoints(projectPoints(positions, camera), camera, { pointSize: 5 });
    const { overlap, colourError } = compare(paintColours(raster, colours).data, read(`${name}.rgb.image`));
    expect(overlap).toBeGreaterThan(0.98);
    expect(colourError).toBeLessThan(4);
  });

  test.each(names)('%s: the shaded picture', (name) => {
    const { camera, positions, box } = viewOf(name);
    const raster = rasterisePoints(projectPoints(positions, camera), camera, { pointSize: 5 });
    const normals = estimateNormals(positions, { radius: 0.1, maxNeighbours: 30 });
    const greys = shadePoints(positions, normals, viewerLighting(camera, box), 0.5);
    const { data } = paintGrey(raster, greys);
    const picture = Uint8Array.from({ length: 3 * data.length }, (_, i) => data[Math.floor(i / 3)]);
    const { overlap, colourError } = compare(picture, read(`${name}.shaded.image`));
    expect(overlap).toBeGreaterThan(0.98);
    expect(colourError).toBeLessThan(8);
  });

  function viewOf(name: string): { positions: Float64Array; box: Box; camera: ReturnType<typeof fitCamera> } {
    const view = names.indexOf(name);
    return {
      positions: turned[view],
      box: boxes[view],
      camera: fitCamera(boxes[view], { width: size, fieldOfView: fieldOfView(metadata) }),
    };
  }
});

describe.skipIf(!clip3dPath)('the 27 views of CLIP3D-AD (skipped without ../shared)', () => {
  const { read } = golden(clip3dPath);

  test.each(['paper', 'xyz'] as const)('the convention %s', (convention) => {
    const rotations = viewPoses({ schedule: 'grid27', convention }).flatMap(({ rotation }) => [...rotation]);
    expect(largestError(rotations, read(`rotations_${convention}_27`))).toBeLessThan(1e-12);
  });
});

function golden(path: string | undefined) {
  const { tensors, metadata } = path
    ? readSafetensors(readFileSync(path))
    : { tensors: new Map<string, never>(), metadata: {} as Record<string, string> };
  const read = (name: string): Float64Array => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`no golden tensor ${name}`);
    const { data } = tensor;
    return data instanceof Float64Array || data instanceof Uint8Array || data instanceof Int32Array
      ? Float64Array.from(data)
      : Float64Array.from(toFloat32(tensor));
  };
  return { read, metadata };
}

/** The object's points with y and z negated: x right, y up, z towards the viewer. */
function flippedPoints(read: (name: string) => Float64Array): Float64Array {
  const grid = read('input.organised_xyz');
  const index = read('input.point_index');
  const points = new Float64Array(3 * index.length);
  index.forEach((pixel, i) => {
    points.set([grid[3 * pixel], -grid[3 * pixel + 1], -grid[3 * pixel + 2]], 3 * i);
  });
  return points;
}

function fieldOfView(metadata: Record<string, string>): number {
  return (Number(metadata.field_of_view_degrees) * Math.PI) / 180;
}

/** Intersection over union of what is not white, and the mean absolute error where both are not. */
function compare(actual: ArrayLike<number>, expected: ArrayLike<number>) {
  let [both, either, error] = [0, 0, 0];
  for (let i = 0; i < expected.length; i += 3) {
    const covered = [actual, expected].map((image) => image[i] + image[i + 1] + image[i + 2] < 3 * 255);
    if (covered[0] || covered[1]) either++;
    if (!covered[0] || !covered[1]) continue;
    both++;
    for (let c = i; c < i + 3; c++) error += Math.abs(actual[c] - expected[c]) / 3;
  }
  return { overlap: both / either, colourError: error / both };
}

function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < actual.length; i++) largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
  return largest;
}
