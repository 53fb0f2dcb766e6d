import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OrganisedCloud, PointCloud } from '@anomclip/core';
import { contiguous, decodePng, type Image, type Mask, resizeImage } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import { estimateNormals, orientNormalsTowards, sampleMesh, toUnorganised } from '@anomclip/pointcloud';
import { type CloudFile, readObj, readPcd, readPly } from '@anomclip/pointcloud/io';
import { cornerPlaneForeground } from '@anomclip/synth/image';
import { type ObjectCategory, scanObject } from '@anomclip/synth/objects';
import ndarray from 'ndarray';
import type { GalleryOptions } from './options.js';

export interface NormalImage {
  readonly name: string;
  readonly image: Image;
  /** Where the object is; a photograph has none. */
  readonly foreground?: Mask;
  /** The registered points of a procedural object. */
  readonly scan?: OrganisedCloud;
}

const categories: readonly ObjectCategory[] = ['bread_roll', 'gasket', 'soap_bar', 'coaster', 'pretzel'];

/** Procedural objects always, photographs where there are any, in turn. */
export function normalImages({ size, columns, seed, data }: GalleryOptions): NormalImage[] {
  const objects = categories.map((category): NormalImage => {
    const scan = scanObject(category, createRng(seed).fork('object'), { height: size, width: size });
    const foreground = cornerPlaneForeground(scan.organised);
    return { name: category, image: scan.image, foreground, scan: scan.organised };
  });
  const photographs = filesIn(join(data, 'textures'), '.png').map(({ name, bytes }): NormalImage => {
    const image = square(decodePng(bytes()));
    return { name, image: resizeImage(image, size, size) };
  });
  return inTurn(objects, photographs).slice(0, columns);
}

export interface NormalCloud {
  readonly name: string;
  readonly cloud: PointCloud;
}

/** Scans of procedural objects always, meshes and scans where there are any, in turn; each with normals. */
export function normalClouds({ size, columns, seed, data }: GalleryOptions): NormalCloud[] {
  const count = Math.round(0.9 * size * size);
  const objects = categories.slice(0, 3).map((category): NormalCloud => {
    const { organised } = scanObject(category, createRng(seed).fork('cloud'), {
      height: Math.max(96, size),
      width: Math.max(96, size),
      supportPlane: false,
      flyingPoints: 0,
    });
    return { name: category, cloud: withNormals(toUnorganised(organised).positions) };
  });
  const meshes = [
    ...filesIn(join(data, 'models'), '.obj').map(({ name, bytes }) => ({
      name,
      file: () => readObj(bytes()),
    })),
    ...filesIn(join(data, 'models'), '.ply').map(({ name, bytes }) => ({
      name,
      file: () => readPly(bytes()),
    })),
  ].map(({ name, file }) => ({ name, cloud: () => onSurface(file(), count, name) }));
  const scans = filesIn(join(data, 'rgbd'), '.pcd').map(({ name, bytes }) => ({
    name,
    cloud: () => withNormals(thinned(contiguous(readPcd(bytes()).cloud.positions), count)),
  }));
  const lazy = objects.map(({ name, cloud }) => ({ name, cloud: () => cloud }));
  return inTurn(lazy, [...meshes, ...scans.slice(0, 1)])
    .slice(0, columns)
    .map(({ name, cloud }) => ({ name, cloud: cloud() }));
}

/** Points drawn over the triangles, with their normals. */
function onSurface({ cloud, triangles }: CloudFile, count: number, name: string): PointCloud {
  if (!triangles) return withNormals(contiguous(cloud.positions));
  const { positions, normals } = sampleMesh(
    { positions: contiguous(cloud.positions), triangles },
    count,
    createRng(name),
  );
  return { positions: ndarray(positions, [count, 3]), normals: ndarray(normals, [count, 3]) };
}

function thinned(points: Float32Array, count: number): Float32Array {
  const finite = Array.from({ length: points.length / 3 }, (_, i) => i).filter((i) => points[3 * i + 2] > 0);
  const step = Math.max(1, Math.floor(finite.length / count));
  return Float32Array.from(
    finite.filter((_, i) => i % step === 0).flatMap((i) => [...points.subarray(3 * i, 3 * i + 3)]),
  );
}

function withNormals(positions: Float32Array): PointCloud {
  const shape = [positions.length / 3, 3];
  const normals = orientNormalsTowards(
    positions,
    estimateNormals(positions, { maxNeighbours: 20 }),
    [0, 0, 0],
  );
  return { positions: ndarray(positions, shape), normals: ndarray(normals, shape) };
}

/** The upper left square. */
function square(image: Image): Image {
  const side = Math.min(image.shape[0], image.shape[1]);
  return image.hi(side, side);
}

function filesIn(folder: string, ending: string): { name: string; bytes: () => Uint8Array }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .sort()
    .map((file) => ({ name: file.slice(0, -ending.length), bytes: () => readFileSync(join(folder, file)) }));
}

function inTurn<T>(first: readonly T[], second: readonly T[]): T[] {
  const count = Math.max(first.length, second.length);
  return Array.from({ length: count }, (_, i) => [first.slice(i, i + 1), second.slice(i, i + 1)]).flat(2);
}
