import { centroid, estimateNormals, rotationXyz } from '@anomclip/pointcloud';
import {
  accumulatedBoxes,
  boundingBox,
  fitCamera,
  intrinsicOf,
  paintColours,
  projectPoints,
  rasterisePoints,
  rotateAbout,
  shadePoints,
  viewerLighting,
  viewPoses,
} from '@anomclip/pointcloud/views';
import { type Golden, largestError } from '../golden.js';
import type { Compare } from '../parity.js';

/** Cameras, projections and pictures of Open3D's visualiser. */
export function checkRenderOpen3d(golden: Golden, compare: Compare): void {
  const angles: Record<string, [number, number, number]> = JSON.parse(golden.setting('angles') ?? '{}');
  const fieldOfView = (Number(golden.setting('field_of_view_degrees')) * Math.PI) / 180;
  const width = Number(golden.setting('image_size'));
  const points = flippedPoints(golden);
  const colours = Uint8Array.from(golden.values('input.colours'), (value) => Math.round(255 * value));
  const views = Object.entries(angles).map(([name, xyz]) => ({
    name,
    positions: rotateAbout(points, { rotation: rotationXyz(...xyz) }, centroid(points)),
  }));
  // The visualiser is never reset: its camera sees the boxes of all views so far.
  const boxes = accumulatedBoxes(views.map(({ positions }) => boundingBox(positions)));
  views.forEach(({ name, positions }, view) => {
    const camera = fitCamera(boxes[view], { width, fieldOfView });
    const intrinsicError = largestError(intrinsicOf(camera), golden.values(`${name}.intrinsic`));
    const extrinsicError = largestError(camera.extrinsic, golden.values(`${name}.extrinsic`));
    compare(`${name}: turned cloud`, largestError(positions, golden.values(`${name}.rotated`)), 1e-6);
    compare(`${name}: camera`, Math.max(intrinsicError, extrinsicError), 1e-6);
    const projection = projectPoints(positions, camera);
    const { u, v, depth } = projection;
    const seen = golden.values(`${name}.uv_depth`);
    const column = (axis: number) => seen.filter((_, i) => i % 3 === axis);
    compare(`${name}: pixels`, Math.max(largestError(u, column(0)), largestError(v, column(1))), 1e-3);
    compare(`${name}: depths`, largestError(depth, column(2)), 1e-5);

    const raster = rasterisePoints(projection, camera, { pointSize: 5 });
    const normals = estimateNormals(positions, { radius: 0.1, maxNeighbours: 30 });
    const shades = shadePoints(positions, normals, viewerLighting(camera, boxes[view]), 0.5);
    const greys = Uint8Array.from({ length: 3 * shades.length }, (_, i) => shades[Math.floor(i / 3)]);
    comparePictures(
      `${name}: rgb`,
      paintColours(raster, colours).data,
      golden.values(`${name}.rgb.image`),
      4,
      compare,
    );
    comparePictures(
      `${name}: shaded`,
      paintColours(raster, greys).data,
      golden.values(`${name}.shaded.image`),
      8,
      compare,
    );
  });
}

/** The 27 rotations of both conventions. */
export function checkClip3dRotations(golden: Golden, compare: Compare): void {
  for (const convention of ['paper', 'xyz'] as const) {
    const rotations = viewPoses({ schedule: 'grid27', convention }).flatMap(({ rotation }) => [...rotation]);
    compare(
      `rotations, convention ${convention}`,
      largestError(rotations, golden.values(`rotations_${convention}_27`)),
      1e-5,
    );
  }
}

/** The object with y and z negated: x right, y up, z towards the viewer. */
function flippedPoints(golden: Golden): Float64Array {
  const grid = golden.values('input.organised_xyz');
  const index = golden.values('input.point_index');
  const points = new Float64Array(3 * index.length);
  index.forEach((pixel, i) => {
    points.set([grid[3 * pixel], -grid[3 * pixel + 1], -grid[3 * pixel + 2]], 3 * i);
  });
  return points;
}

/** Coverage, what is not white, by intersection over union; colours where both are covered. */
function comparePictures(
  name: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  compare: Compare,
): void {
  let [both, either, error] = [0, 0, 0];
  for (let i = 0; i < expected.length; i += 3) {
    const [ours, theirs] = [actual, expected].map((image) => image[i] + image[i + 1] + image[i + 2] < 765);
    if (ours || theirs) either++;
    if (!ours || !theirs) continue;
    both++;
    for (let c = i; c < i + 3; c++) error += Math.abs(actual[c] - expected[c]) / 3;
  }
  compare(`${name}, coverage that differs`, 1 - both / either, 0.02);
  compare(`${name}, mean grey levels`, error / both, tolerance);
}
