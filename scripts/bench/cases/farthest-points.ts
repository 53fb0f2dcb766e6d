import { farthestPoints } from '@anomclip/pointcloud';
import { compare, withFiles } from '../compare.js';
import { Peer } from '../peer.js';
import { scannedPoints } from '../scanned-points.js';

/** 5 000 of 75 000 points against Open3D, whose time grows with the product of both numbers. */
export async function benchFarthestPoints(rounds: number): Promise<boolean> {
  const points = scannedPoints(75_000);
  return withFiles({ points: Float64Array.from(points) }, async (path) =>
    compare(
      {
        name: '5 000 farthest of 75 000 points',
        ours: () => farthestPoints(points, 5000),
        peer: await Peer.start('farthest_points.py', [path('points'), '5000']),
        install: 'apt-get install python3-open3d',
        atMost: 0.2,
      },
      rounds,
    ),
  );
}
