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

  test('one scan of a bread roll, cleaned and seen from two sides: both losses fall, and a contamination stands out', async () => {
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const rng = createRng('prototype');
    const size = { height: 100, width: 100, severity: 1 };
    const scan = scanObject('bread_roll', rng.fork('training'), size);
    const config = {
      truncate: true,
      epochs: 16,
      localFuse: 'mean-first',
      synthPool: 4,
      views: [9, 27],
      learningRates: { classText: 1e-3, image: 2e-3 },
    } as const;
    const detector = await fitClip3d(clip, [scan], config, { className: 'bread roll' });
    for (const [name, values] of detector.history) {
      // The first and the last round through the pool: the same four anomalies.
      expect(mean(values.slice(-4)), name).toBeLessThan(mean(values.slice(0, 4)) - 0.03);
    }
    const normal = await detector.predict(scanObject('bread_roll', rng.fork('test'), size));
    const contaminated = scanObject('bread_roll', rng.fork('test'), { ...size, defect: 'contamination' });
    const anomalous = await detector.predict(contaminated);
    expect(anomalous.imageScore).toBeGreaterThan(normal.imageScore);
    const mask = detector.toMapGrid(contaminated.mask).data;
    const meanWhere = (value: 0 | 1) =>
      mean([...anomalous.anomalyMap.data].filter((_, i) => mask[i] === value));
    expect(meanWhere(1)).toBeGreaterThan(3 * meanWhere(0));
    detector.dispose();
  });
});
