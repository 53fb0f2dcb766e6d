import type { PointCloud } from '@anomclip/core';
import { createAnomalyMap, type Image } from '@anomclip/core/image';
import type { Rng } from '@anomclip/core/random';
import {
  addedPatch,
  cloudDefectKinds,
  indexSurface,
  jitterPoints,
  occludePoints,
  plantDefect,
  pointsOfInterest,
  removedPatch,
  thinPoints,
} from '@anomclip/synth/cloud';
import { drawCloud, frameOf, meshPose, scanPose } from './draw-cloud.js';
import type { GalleryRow } from './image-rows.js';
import type { NormalCloud, NormalImage } from './normal-data.js';

/** Every cloud generator on every cloud. Red is the mask. */
export function cloudRows(
  clouds: readonly NormalCloud[],
  images: readonly NormalImage[],
  size: number,
  rng: Rng,
): GalleryRow[] {
  const framed = clouds.map((normal) => ({
    ...normal,
    frame: frameOf(normal.cloud, isScan(normal) ? scanPose : meshPose),
    towardsViewer: isScan(normal) ? ([0, 0, -1] as const) : ([0, 0, 1] as const),
  }));
  type Framed = (typeof framed)[number];
  const row = (title: string, note: string, draw: (normal: Framed, stream: Rng) => Image): GalleryRow => ({
    title,
    note,
    pictures: framed.map((normal) => draw(normal, rng.fork(title, normal.name))),
  });
  const changed = (
    title: string,
    note: string,
    make: (cloud: PointCloud, stream: Rng) => { cloud: PointCloud; mask?: Uint8Array },
  ): GalleryRow =>
    row(title, note, ({ cloud, frame }, stream) => {
      const result = make(cloud, stream);
      return drawCloud(result.cloud, result.mask, frame, size);
    });
  return [
    changed('Normal clouds', 'shaded by their normals', (cloud) => ({ cloud })),
    ...cloudDefectKinds.map((kind) =>
      row(`Defect: ${kind}`, 'red: the points that moved', ({ cloud, frame, towardsViewer }, stream) => {
        const centre = facingPoint(cloud, towardsViewer, stream);
        const long = kind === 'crack' || kind === 'cut';
        const radius = (long ? 0.16 : 0.09) / frame.scale;
        const planted = plantDefect(cloud, kind, stream, { centre, radius, depth: long ? 0.15 : undefined });
        return drawCloud(planted.cloud, planted.mask, frame, size);
      }),
    ),
    changed('Jitter', 'Gaussian noise, and 2 % outliers in red', (cloud, stream) => {
      const standardDeviation = 0.003 / frameOf(cloud, meshPose).scale;
      const options = { standardDeviation, outliers: 0.02, outlierDistance: 25 * standardDeviation };
      const { cloud: noisy, outliers } = jitterPoints(cloud, stream, options);
      return { cloud: noisy, mask: outliers };
    }),
    ...(['uniform', 'gradient', 'patch'] as const).map((pattern) =>
      changed(`Density: ${pattern}`, 'fewer points', (cloud, stream) =>
        thinPoints(cloud, stream, { pattern, keep: 0.1 }),
      ),
    ),
    row('Occlusion', 'what a sensor on the right sees', ({ cloud, frame }, stream) =>
      drawCloud(occludePoints(cloud, stream, { towardsSensor: [1, 0, 0] }).cloud, undefined, frame, size),
    ),
    row('3DzAL, adding', 'a patch of 64 points, the donated ones red', ({ cloud }, stream) => {
      const { positions, mask } = addedPatch(indexSurface(cloud), [donorsOf(images, cloud)], stream);
      return drawPatch({ positions }, mask, size);
    }),
    row('3DzAL, removing', 'a hole in a patch', ({ cloud }, stream) => {
      const { positions } = removedPatch(indexSurface(cloud), stream, { removeMode: 'hole' });
      return drawPatch({ positions }, undefined, size);
    }),
  ];
}

/** Clouds in a sensor's frame lie in front of it. */
function isScan({ cloud }: NormalCloud): boolean {
  return Array.from({ length: 50 }, (_, i) => i).every((i) => cloud.positions.get(i, 2) > 0.2);
}

/** A random point whose normal is towards the viewer, so that its defect can be seen. */
function facingPoint({ positions, normals }: PointCloud, towards: readonly number[], rng: Rng): number {
  let point = 0;
  for (let attempt = 0; attempt < 1000; attempt++) {
    point = rng.integer(0, positions.shape[0]);
    const facing = towards.reduce((sum, value, axis) => sum + value * (normals?.get(point, axis) ?? 0), 0);
    if (facing > 0.8) break;
  }
  return point;
}

/** Points of the procedural scans nearest to the sensor, scaled as if the parts, 12 cm wide, were as large as the cloud. */
function donorsOf(images: readonly NormalImage[], { positions }: PointCloud) {
  const enlarge = 0.92 / frameOf({ positions }, meshPose).scale / 0.12;
  return images.flatMap(({ scan }) => {
    if (!scan) return [];
    const [height, width] = scan.xyz.shape;
    const attention = createAnomalyMap(height, width);
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++) attention.set(i, j, -scan.xyz.get(i, j, 2));
    const points = pointsOfInterest(scan, attention, { share: 50 / (height * width) });
    for (let i = 0; i < points.data.length; i++) points.data[i] *= enlarge;
    return [points];
  });
}

function drawPatch(patch: PointCloud, mask: Uint8Array | undefined, size: number): Image {
  return drawCloud(patch, mask, frameOf(patch, scanPose), size, Math.max(3, Math.round(size / 24)));
}
