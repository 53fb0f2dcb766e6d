import { createRng } from '@anomclip/core/random';
import {
  backProjection,
  fillNeverVisible,
  findCorrespondences,
  multiplyRows,
  planViews,
  projectPoints,
  rotateAbout,
} from '@anomclip/pointcloud/views';
import { compare, withFiles } from '../compare.js';
import { Peer } from '../peer.js';
import { scannedPoints } from '../scanned-points.js';

const size = 336;

/**
 * Nine views of 112 896 points: pixels, visibility and the average of the views' maps, and beyond what NumPy does here
 * never-visible points too.
 */
export async function benchBackProjection(rounds: number): Promise<boolean> {
  const positions = scannedPoints(size * size);
  const views = planViews(positions).map(({ pose, centre, camera }) => ({
    camera,
    projection: projectPoints(rotateAbout(positions, pose, centre), camera),
  }));
  const rng = createRng('bench/back-projection');
  const maps = Float32Array.from({ length: views.length * size * size }, () => rng.uniform());
  const uvz = Float64Array.from(
    views.flatMap(({ projection: { u, v, depth } }) => [u, v, depth].flatMap((part) => [...part])),
  );
  const ours = () => {
    const found = fillNeverVisible(findCorrespondences(views), 'rasterNeighbour');
    return multiplyRows(backProjection(found), maps);
  };
  return withFiles({ uvz, maps }, async (path) =>
    compare(
      {
        name: 'visibility and back-projection of nine views of 112 896 points',
        ours,
        peer: await Peer.start('back_projection.py', [
          ...[path('uvz'), path('maps'), String(views.length), String(size)],
          String(views[0].camera.width),
        ]),
        install: 'apt-get install python3-numpy',
        atMost: 1,
      },
      rounds,
    ),
  );
}
