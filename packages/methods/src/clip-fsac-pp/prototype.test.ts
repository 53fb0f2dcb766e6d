import { type Clip, loadClip } from '@anomclip/core/clip';
import { createImage } from '@anomclip/core/image';
import { openFolder } from '@anomclip/core/node';
import { createRng } from '@anomclip/core/random';
import { noisePatches } from '@anomclip/synth/image';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBackend } from '../../../core/src/testing/backends.fixture.js';
import { clipAcPresets, createClipAc } from '../clip-ac/index.js';
import { hasShared, sharedFile } from '../testing/shared.js';
import { loadFsac, saveFsac } from './detector-file.js';
import { fitFsac } from './fit.js';

describe.skipIf(!hasShared)('CLIP-FSAC++ on the prototype CLIP (skipped where ../shared is absent)', () => {
  let clip: Clip;
  beforeAll(async () => {
    await startBackend('wasm');
    clip = await loadClip(await openFolder(sharedFile('data/prototype-clip')));
  });
  afterAll(async () => clip?.dispose());

  test('without adapters, TF and VT it is CLIP-AC with the prompt ensemble (clip-fsac-pp.md 16)', async () => {
    const images = [noise(1, 64, 64), noise(2, 90, 50)];
    const plain = { alpha: [0, 1], beta: [0, 1], gamma1: 0, useTF: false } as const;
    const fitted = await fitFsac(
      clip,
      images.slice(0, 1),
      { ...plain, truncate: true, epochs: 1 },
      { className: 'bottle' },
    );
    const zeroShot = createClipAc(clip, 'bottle', {
      ...clipAcPresets.ensemble,
      unitLength: false,
      truncate: true,
    });
    for (const image of images) {
      const { imageScore } = await zeroShot.predict({ image });
      expect((await fitted.predict({ image })).imageScore).toBeCloseTo(imageScore, 4);
    }
    zeroShot.dispose();
    fitted.dispose();
  });

  test('after training, fresh anomalies score above the normal image, also from a file', async () => {
    const image = noise(3, 96, 96);
    const config = { truncate: true, epochs: 40 };
    const fitted = await fitFsac(clip, [image], config, { className: 'cookie' });
    const total = fitted.history.get('total') ?? [];
    const mean = (losses: readonly number[]) => losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    expect(mean(total.slice(-10))).toBeLessThan(mean(total.slice(0, 10)));
    const loaded = loadFsac(saveFsac(fitted), clip);
    const fresh = [1, 2, 3, 4].map((seed) => noisePatches(image, createRng(seed)).image);
    const [normal, ...anomalous] = await loaded.scoreImages([image, ...fresh]);
    expect(Math.min(...anomalous)).toBeGreaterThan(normal);
    loaded.dispose();
    fitted.dispose();
  });
});

function noise(seed: number, height: number, width: number) {
  const rng = createRng(seed);
  const image = createImage(height, width);
  const tint = rng.integer(60, 160);
  for (let i = 0; i < image.data.length; i++) {
    const row = Math.floor(i / (3 * width));
    image.data[i] = tint + 40 * Math.sin(row / 9) + rng.integer(0, 12);
  }
  return image;
}
