import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AnomclipError, type PointCloud } from '@anomclip/core';
import { encodePng } from '@anomclip/core/image';
import { rotationX } from '@anomclip/pointcloud';
import { readCloud, writePly } from '@anomclip/pointcloud/io';
import {
  type Drawable,
  findCorrespondences,
  projectPoints,
  renderViews,
  rotateAbout,
  toDrawable,
  type View,
  viewPoses,
  visibleCounts,
} from '@anomclip/pointcloud/views';
import ndarray from 'ndarray';
import { contactSheet } from './contact-sheet.js';
import { parseOptions, type RenderOptions } from './options.js';

/** From a file to a contact sheet of its views, and to a cloud coloured by how many views see each point. */
async function main(file: string, options: RenderOptions): Promise<void> {
  const { out, schedule, views: count, size, pointSize, colouring, cameraFrame, flat, points } = options;
  const { cloud, triangles } = readCloud(new Uint8Array(await readFile(file)), file);
  const drawable = upright(toDrawable(cloud, points ? undefined : triangles), cameraFrame);
  const start = performance.now();
  const views = renderViews(drawable, {
    poses: viewPoses({ schedule, count }),
    size,
    pointSize,
    colouring,
    meshNormals: flat ? 'flat' : 'smooth',
  });
  const seconds = (performance.now() - start) / 1000;
  console.log(`${cloud.positions.shape[0]} points, ${views.length} views in ${seconds.toFixed(2)} s`);

  const counts = countViews(drawable, views);
  const seen = counts.filter((value) => value > 0).length;
  console.log(
    `${seen} points are seen in some view, the others are hidden or lose their pixel to a neighbour`,
  );

  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'sheet.png'), encodePng(contactSheet(views.map(({ image }) => image))));
  await writeFile(join(out, 'visibility.ply'), writePly(coloured(cloud, counts, views.length)));
  console.log(`Written: ${join(out, 'sheet.png')} and ${join(out, 'visibility.ply')}`);
}

/** A depth camera looks along z with y down; pictures want y up and z towards the viewer. */
function upright(drawable: Drawable, cameraFrame: boolean): Drawable {
  if (!cameraFrame) return drawable;
  const { positions, normals } = drawable;
  const turn = (vectors: typeof positions) =>
    rotateAbout(vectors, { rotation: rotationX(Math.PI) }, [0, 0, 0]);
  return { ...drawable, positions: turn(positions), ...(normals && { normals: turn(normals) }) };
}

/** In how many views each point is the nearest of its pixel. */
function countViews({ positions }: Drawable, views: readonly View[]): Uint16Array {
  const projected = views.map(({ pose, centre, camera }) => ({
    projection: projectPoints(rotateAbout(positions, pose, centre), camera),
    camera,
  }));
  return visibleCounts(findCorrespondences(projected));
}

/** Never seen: red; else from blue, in one view, to yellow, in all. */
function coloured({ positions }: PointCloud, counts: Uint16Array, viewCount: number): PointCloud {
  const colours = new Uint8Array(3 * counts.length);
  counts.forEach((count, i) => {
    const share = viewCount > 1 ? (count - 1) / (viewCount - 1) : 1;
    const colour = count === 0 ? [200, 0, 0] : [255 * share, 60 + 180 * share, 200 * (1 - share)];
    colours.set(colour.map(Math.round), 3 * i);
  });
  return { positions, colours: ndarray(colours, [counts.length, 3]) };
}

try {
  const { file, options } = parseOptions(process.argv);
  await main(file, options);
} catch (error) {
  // Our own errors say what to do; anything else is a bug and wants its stack.
  console.error(error instanceof AnomclipError ? `error: ${error.message}` : error);
  process.exitCode = 1;
}
