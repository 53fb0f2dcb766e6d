import { loadClip } from '@anomclip/core/clip';
import { createImage } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { tinyClipFiles } from '../../../core/src/testing/tiny-clip.fixture.js';
import type { PartialClip3dConfig } from './config.js';
import type { Clip3dScan } from './prepare.js';

/** A CLIP of 8 × 8 pixels and four patches. */
export function tinyClip() {
  return loadClip(tinyClipFiles());
}

/** What makes sense for it: heads of two units, small anomalies, prompts cut to twelve tokens. */
export const tinyOptions: PartialClip3dConfig = {
  preprocess: 'none',
  headWidth: 2,
  minAnomalyPixels: 4,
  truncate: true,
  pointSize: 2,
};

/** A speckled dome of 24 × 24 pixels, nothing beside it. */
export function domeScan(name: string): Clip3dScan {
  const rng = createRng('dome').fork(name);
  const xyz = new Float32Array(24 * 24 * 3);
  const image = createImage(24, 24);
  for (let pixel = 0; pixel < 24 * 24; pixel++) {
    const [x, y] = [((pixel % 24) - 11.3) / 11, (Math.floor(pixel / 24) - 11.3) / 11];
    const height = 1 - x * x - y * y;
    if (height < 0) continue;
    xyz.set([x * 0.05, y * 0.05, 0.4 - 0.02 * height], 3 * pixel);
    image.data.set([90 + rng.integer(0, 30), 60 + rng.integer(0, 20), 40], 3 * pixel);
  }
  return { organised: { xyz: ndarray(xyz, [24, 24, 3]) }, image };
}
