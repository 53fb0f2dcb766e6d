import { type AnomalyMap, createAnomalyMap } from '@anomclip/core/image';
import { exp } from '@anomclip/core/random';
import { median } from './binary-filters.js';
import { discMedian } from './disc-median.js';
import type { NsaLabelMode } from './nsa.js';
import type { Pixels } from './synthetic-image.js';

export interface NsaLabelInput {
  readonly before: Pixels;
  readonly after: Pixels;
  /** Where patches were put. */
  readonly patchMask: Uint8Array;
  readonly labelMode: NsaLabelMode;
  readonly logisticParams: readonly [k: number, x0: number];
  readonly tol: number;
  /** Weight of the source. */
  readonly factor: number;
}

/** Labels from what changed, averaged over the channels and cleaned by a 5 × 5 median (NSA, section 3.2). */
export function nsaLabels({
  before,
  after,
  patchMask,
  labelMode,
  logisticParams,
  tol,
  factor,
}: NsaLabelInput): AnomalyMap {
  const { height, width } = before;
  // Three times the mean, in whole numbers.
  const change = Uint16Array.from(
    patchMask,
    (set, pixel) => set && absoluteChange(before.data, after.data, 3 * pixel),
  );
  const changed = median(
    Uint8Array.from(change, (sum) => Number(sum > 3 * tol)),
    height,
    width,
    5,
  );
  const labels = createAnomalyMap(height, width);
  if (labelMode === 'binary' || labelMode === 'continuous') {
    const value = labelMode === 'binary' ? 1 : factor;
    changed.forEach((set, pixel) => {
      labels.data[pixel] = set * value;
    });
    return labels;
  }
  const intensity = discMedian(
    // Now of all changed pixels, also those the median added beyond the patches.
    Uint16Array.from(changed, (set, pixel) => set && absoluteChange(before.data, after.data, 3 * pixel)),
    height,
    width,
    5,
  );
  const [k, x0] = logisticParams;
  for (let pixel = 0; pixel < intensity.length; pixel++) {
    const value = intensity[pixel] / 3;
    if (labelMode === 'intensity') labels.data[pixel] = value;
    else if (changed[pixel] === 1) labels.data[pixel] = 1 / (1 + exp(-k * (value - x0)));
  }
  return labels;
}

function absoluteChange(before: Uint8Array, after: Uint8Array, i: number): number {
  return (
    Math.abs(before[i] - after[i]) +
    Math.abs(before[i + 1] - after[i + 1]) +
    Math.abs(before[i + 2] - after[i + 2])
  );
}
