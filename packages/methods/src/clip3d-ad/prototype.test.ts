import { setUpBackend } from '@anomclip/core/backend';
import { type Clip, loadClip } from '@anomclip/core/clip';
import { openFolder } from '@anomclip/core/node';
import { createRng } from '@anomclip/core/random';
import { scanObject } from '@anomclip/synth/objects';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasShared, sharedFile } from '../testing/shared.js';
import { fitClip3d } from './fit.js';

describe.skipIf(!hasShared)('CLIP3D-AD on the prototype CLIP (skipped where ../shared is absent)', () => {
  let clip: Clip;
  beforeAll(async () => {
    await setUpBackend('wasm');
    clip = await loadClip(await openFolder(sharedFile('data/prototype-clip')));
  });
  afterAll(async () => clip?.dispose());

  test('one scan of a bread roll, cleaned and seen from five sides: both losses fall, and a contamination stands out', async () => {
    const rng = createRng('prototype');
    const size = { height: 100, width: 100, severity: 1 };
    const scan = scanObject('bread_roll', rng.fork('training'), size);
    const config = { truncate: true, epochs: 15, localFuse: 'mean-first' } as const;
    const detector = await fitClip3d(clip, [scan], config, { className: 'bread roll' });
    for (const [name, values] of detector.history) {
      const mean = (part: readonly number[]) => part.reduce((sum, value) => sum + value, 0) / part.length;
      expect(mean(values.slice(-4)), name).toBeLessThan(mean(values.slice(0, 3)) - 0.015);
    }
    const normal = await detector.predict(scanObject('bread_roll', rng.fork('test'), size));
    const contaminated = scanObject('bread_roll', rng.fork('test'), { ...size, defect: 'contamination' });
    const anomalous = await detector.predict(contaminated);
    expect(anomalous.imageScore).toBeGreaterThan(normal.imageScore);
    const mask = detector.toMapGrid(contaminated.mask).data;
    const inside = anomalous.anomalyMap.data.filter((_, pixel) => mask[pixel] === 1);
    expect(Math.max(...inside)).toBe(Math.max(...anomalous.anomalyMap.data));
    detector.dispose();
  });
});
