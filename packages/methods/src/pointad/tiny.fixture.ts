import { type Clip, loadClip } from '@anomclip/core/clip';
import { createMultiViewSample } from '@anomclip/pointcloud/views';
import { tinyClipFiles } from '../../../core/src/testing/tiny-clip.fixture.js';
import { smallCloud, smallOptions } from '../../../pointcloud/src/views/small-cloud.fixture.js';
import type { PartialPointadConfig } from './config.js';
import type { PointadSample } from './detector.js';

/** Three text blocks of width 8, three vision blocks, 2 × 2 patches of 8 × 8 pixels. */
export const tinyClip = (): Promise<Clip> => loadClip(tinyClipFiles());

/** Fits the tiny model, and learns visibly in a few steps. */
export const tinyConfig = {
  prompt: { length: 3 },
  deepPrompt: { depth: 3, length: 2 },
  optimizer: { lr: 0.02 },
  epochs: 3,
  batchSize: 2,
} as const satisfies PartialPointadConfig;

/** Domes of different heights, three views of each; those with an odd number have a dent. */
export function tinySamples(count = 4): PointadSample[] {
  return Array.from({ length: count }, (_, i) => tinySample(1 + 0.1 * i, i % 2 === 1));
}

export function tinySample(height: number, isAnomalous: boolean): PointadSample {
  const cloud = smallCloud();
  const positions = cloud.positions.map((value, i) => {
    if (i % 3 < 2 || value === 0) return value;
    const dent = isAnomalous ? 0 : 0.01 * cloud.labels[(i - 2) / 3];
    return 0.5 + height * (value - dent - 0.5);
  });
  const labels = isAnomalous ? cloud.labels : new Uint8Array(cloud.labels.length);
  return {
    views: createMultiViewSample({ ...cloud, positions, labels, targets: labels.slice() }, smallOptions),
    positions,
  };
}
