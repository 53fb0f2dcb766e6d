import { createRng } from '@anomclip/core/random';
import { aupro, auroc, averagePrecision } from '@anomclip/metrics';
import ndarray from 'ndarray';
import { compare, withFiles } from '../compare.js';
import { Peer } from '../peer.js';

export async function benchMetrics(rounds: number): Promise<boolean> {
  const binary = await benchBinary(rounds);
  return (await benchAupro(rounds)) && binary;
}

/** 5 million scores, one in fifty anomalous, distributions that overlap. */
async function benchBinary(rounds: number): Promise<boolean> {
  const n = 5_000_000;
  const rng = createRng('bench/binary');
  const labels = Uint8Array.from({ length: n }, () => Number(rng.boolean(0.02)));
  const scores = Float32Array.from(labels, (label) => rng.normal(label));
  return withFiles({ scores, labels }, async (path) =>
    compare(
      {
        name: 'AUROC and AP of 5 million scores',
        ours: () => [auroc(scores, labels), averagePrecision(scores, labels)],
        peer: await Peer.start('binary_metrics.py', [path('scores'), path('labels')]),
        install: 'apt-get install python3-sklearn',
        atMost: 1 / 5,
      },
      rounds,
    ),
  );
}

/** 100 maps of 336 × 336 with up to three square defects each. */
async function benchAupro(rounds: number): Promise<boolean> {
  const [count, side] = [100, 336];
  const rng = createRng('bench/aupro');
  const masks = new Uint8Array(count * side * side);
  for (let image = 0; image < count; image++) {
    for (let defect = 0; defect < image % 4; defect++) {
      const size = rng.integer(4, 40);
      const [top, left] = [rng.integer(0, side - size), rng.integer(0, side - size)];
      for (let row = top; row < top + size; row++) {
        const start = (image * side + row) * side + left;
        masks.fill(1, start, start + size);
      }
    }
  }
  const maps = Float32Array.from(masks, (label) => rng.normal(label));
  const starts = Array.from({ length: count }, (_, i) => i * side * side);
  const mapList = starts.map((start) => ndarray(maps.subarray(start, start + side * side), [side, side]));
  const maskList = starts.map((start) => ndarray(masks.subarray(start, start + side * side), [side, side]));
  return withFiles({ maps, masks }, async (path) =>
    compare(
      {
        name: 'official AUPRO of 100 maps of 336 × 336',
        ours: () => aupro(mapList, maskList, { mode: 'mvtec3d', fprLimit: 0.3 }),
        peer: await Peer.start('aupro.py', [path('maps'), path('masks'), String(count), String(side)]),
        install: 'apt-get install python3-scipy',
        atMost: 1 / 2.5,
      },
      rounds,
    ),
  );
}
