import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { contiguous } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import { greedyKCentre } from '@anomclip/methods/memory-bank';
import { computeFpfh, estimateNormals } from '@anomclip/pointcloud';
import { readPcd } from '@anomclip/pointcloud/io';
import { compare, withFiles } from '../compare.js';
import { Peer } from '../peer.js';
import { scannedPoints } from '../scanned-points.js';

const count = 500;

/** 500 of 20 000 rows: where pruning cannot help, and where it can. */
export async function benchKCentre(rounds: number): Promise<boolean> {
  const rng = createRng('bench/k-centre');
  const isotropic = Float32Array.from({ length: 20_000 * 128 }, () => rng.normal());
  const { name, points } = realPoints() ?? { name: 'a made scan', points: scannedPoints(20_000) };
  const fpfh = computeFpfh(points, estimateNormals(points), { maxNeighbours: 100 });
  const first = await compareRows('k-centre, 500 of 20 000 × 128 isotropic rows', isotropic, 128, 2, rounds);
  return (await compareRows(`k-centre, 500 of 20 000 FPFH rows of ${name}`, fpfh, 33, 1, rounds)) && first;
}

/** 20 000 points of a real scan that lies beside the repository, evenly taken; undefined where it is absent. */
function realPoints(): { name: string; points: Float32Array } | undefined {
  const file = fileURLToPath(new URL('../../../../shared/data/rgbd/learn12.pcd', import.meta.url));
  if (!existsSync(file)) return undefined;
  const { cloud } = readPcd(readFileSync(file));
  const [count] = cloud.positions.shape;
  const all = contiguous(cloud.positions);
  const points = new Float32Array(3 * 20_000);
  for (let i = 0; i < 20_000; i++) {
    const from = 3 * Math.floor((i * count) / 20_000);
    points.set(all.subarray(from, from + 3), 3 * i);
  }
  return { name: 'a real scan', points };
}

function compareRows(name: string, rows: Float32Array, dimension: number, atMost: number, rounds: number) {
  return withFiles({ rows }, async (path) =>
    compare(
      {
        name,
        ours: () => greedyKCentre(rows, dimension, count),
        peer: await Peer.start('k_centre.py', [path('rows'), String(dimension), String(count)]),
        install: 'apt-get install python3-torch',
        atMost,
      },
      rounds,
    ),
  );
}
