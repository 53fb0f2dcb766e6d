import type { PreparedCloud } from '../prepare/prepared-cloud.js';
import type { MultiViewSampleOptions } from './sample-options.js';

/** A dome of 24 × 24 cells, half a metre away in the frame of a sensor, with a dent that is anomalous and empty corners. */
export function smallCloud(): PreparedCloud & { readonly labels: Uint8Array; readonly colours: Uint8Array } {
  const side = 24;
  const positions = new Float32Array(3 * side * side);
  const foreground = new Uint8Array(side * side);
  const labels = new Uint8Array(side * side);
  for (let cell = 0; cell < side * side; cell++) {
    const x = (cell % side) / side - 0.5;
    const y = Math.floor(cell / side) / side - 0.5;
    const height = 0.25 - x * x - y * y;
    if (height < 0) continue;
    foreground[cell] = 1;
    labels[cell] = Number(Math.hypot(x - 0.1, y) < 0.12);
    positions.set([0.1 * x, 0.1 * y, 0.5 - 0.2 * height + 0.01 * labels[cell]], 3 * cell);
  }
  return {
    positions,
    foreground,
    grid: [side, side],
    labels,
    targets: labels.slice(),
    colours: Uint8Array.from({ length: 3 * side * side }, (_, i) => (7 * i) % 256),
  };
}

/** Small enough for tests. */
export const smallOptions: MultiViewSampleOptions = {
  dataset: 'mvtec3d',
  views: { count: 3 },
  render: { window: 64, size: 32, pointSize: 3, groundTruthPointSize: 3 },
};
