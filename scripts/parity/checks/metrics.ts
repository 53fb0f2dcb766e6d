import { aupro, auroc, averagePrecision, f1Max, pixelMetrics } from '@anomclip/metrics';
import type { NdArray } from 'ndarray';
import type { Golden } from '../golden.js';
import type { Compare } from '../parity.js';

/** AUROC, average precision and F1-max of scikit-learn; AUPRO of the official MVTec 3D-AD evaluation. */
export function checkMetrics(golden: Golden, compare: Compare): void {
  for (const set of setsOf(golden, 'scores', 'labels')) {
    const scores = golden.float32(`${set}.scores`).data;
    const labels = golden.uint8(`${set}.labels`).data;
    compare(`${set} AUROC`, Math.abs(auroc(scores, labels) - golden.scalar(`${set}.auroc`)), 1e-9);
    compare(`${set} AP`, Math.abs(averagePrecision(scores, labels) - golden.scalar(`${set}.ap`)), 1e-9);
    compare(`${set} F1-max`, Math.abs(f1Max(scores, labels).value - golden.scalar(`${set}.f1_max`)), 1e-9);
  }
  for (const set of setsOf(golden, 'scores', 'gt')) {
    const maps = slices(golden.float32(`${set}.scores`));
    const masks = slices(golden.uint8(`${set}.gt`));
    for (const name of golden.names.filter((other) => other.startsWith(`${set}.aupro_`))) {
      const fprLimit = Number(name.slice(`${set}.aupro_`.length));
      const { value } = aupro(maps, masks, { mode: 'mvtec3d', fprLimit });
      compare(`${set} AUPRO at ${fprLimit}`, Math.abs(value - golden.scalar(name)), 1e-6);
    }
    const pixels = pixelMetrics(maps, masks);
    compare(`${set} pixel AUROC`, Math.abs(pixels.auroc - golden.scalar(`${set}.pixel_auroc`)), 1e-9);
    compare(`${set} pixel AP`, Math.abs(pixels.ap - golden.scalar(`${set}.pixel_ap`)), 1e-9);
  }
}

/** Prefixes that have both parts: `binary_0` for `binary_0.scores` and `binary_0.labels`. */
function setsOf(golden: Golden, ...parts: string[]): string[] {
  const prefixes = new Set(golden.names.map((name) => name.split('.')[0]));
  return [...prefixes].filter((prefix) => parts.every((part) => golden.has(`${prefix}.${part}`)));
}

function slices<T extends Float32Array | Uint8Array>(stack: NdArray<T>): NdArray<T>[] {
  return Array.from({ length: stack.shape[0] }, (_, i) => stack.pick(i, null, null));
}
