import { computeFpfh, estimateNormals } from '@anomclip/pointcloud';
import { createGeometryPool } from '@anomclip/pointcloud/workers';
import { compare, withFiles } from '../compare.js';
import { Peer } from '../peer.js';
import { scannedPoints } from '../scanned-points.js';

/** FPFH of 75 000 points, radius 0.015 m, 100 neighbours, against Open3D with two threads. */
export async function benchFpfh(rounds: number): Promise<boolean> {
  const points = scannedPoints(75_000);
  const normals = estimateNormals(points, { radius: 0.006, maxNeighbours: 30 });
  const options = { radius: 0.015, maxNeighbours: 100 };
  const files = { points: Float64Array.from(points), normals: Float64Array.from(normals) };
  return withFiles(files, async (path) => {
    const peer = () =>
      Peer.start('fpfh.py', [path('points'), path('normals'), '0.015', '100'], { threads: 2 });
    const install = 'apt-get install python3-open3d';
    const name = 'FPFH of 75 000 points';
    const oneThread = await compare(
      {
        name: `${name}, one thread`,
        ours: () => computeFpfh(points, normals, options),
        peer: await peer(),
        install,
        atMost: 1.5,
      },
      rounds,
    );
    const pool = createGeometryPool({ workers: 2 });
    try {
      const ours = () => pool.computeFpfh(points, normals, options);
      const twoWorkers = await compare(
        { name: `${name}, two workers`, ours, peer: await peer(), install, atMost: 1 },
        rounds,
      );
      return oneThread && twoWorkers;
    } finally {
      await pool.terminate();
    }
  });
}
