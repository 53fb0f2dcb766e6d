import { createRng } from '@anomclip/core/random';
import { greedyKCentre } from '@anomclip/methods/memory-bank';
import { computeFpfh, estimateNormals } from '@anomclip/pointcloud';
import { compare, withFiles } from '../compare.js';
import { Peer } from '../peer.js';
import { scannedPoints } from '../scanned-points.js';

const count = 500;

/** 500 of 20 000 rows: where pruning cannot help, and where it can. */
export async function benchKCentre(rounds: number): Promise<boolean> {
  const rng = createRng('bench/k-centre');
  const isotropic = Float32Array.from({ length: 20_000 * 128 }, () => rng.normal());
  const points = scannedPoints(20_000);
  const fpfh = computeFpfh(points, estimateNormals(points, { radius: 0.006 }), { radius: 0.015 });
  const first = await compareRows('k-centre, 500 of 20 000 × 128 isotropic rows', isotropic, 128, 2, rounds);
  return (await compareRows('k-centre, 500 of 20 000 FPFH rows of a scan', fpfh, 33, 1, rounds)) && first;
}

function compareRows(name: string, rows: Float32Array, dimension: number, atMost: number, rounds: number) {
  return withFiles({ rows }, async (path) =>
    compare(
      {
        name,
        ours: () => greedyKCentre(rows, dimension, count),
        peer: await Peer.start('k_centre.py', [path('rows'), String(dimension), String(count)], 2),
        install: 'apt-get install python3-torch',
        atMost,
      },
      rounds,
    ),
  );
}
