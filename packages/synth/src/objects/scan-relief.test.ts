import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { drawPose, sensorCamera } from './camera.js';
import { categories } from './categories.js';
import { damage } from './damage.js';
import { changedBox, rasterise } from './relief.js';
import { drawSetup, scanRelief } from './scan-relief.js';
import { stations } from './station.js';

test('scanning only around a change gives the same bytes as scanning everything', () => {
  for (const category of ['gasket', 'heat_sink', 'tool_handle'] as const) {
    const { build, defects } = categories[category];
    const rng = createRng(category);
    const model = build(rng.fork('object'));
    const relief = rasterise(model, 0.0004);
    const setup = drawSetup(rng, {
      camera: sensorCamera(96, 128),
      pose: drawPose(rng.fork('pose'), model.turn),
      gloss: model.gloss,
      station: stations[category],
      supportPlane: true,
      noise: 1e-4,
      dropout: 0.003,
      flyingPoints: 0.001,
    });
    const scan = scanRelief(relief, setup);
    for (const defect of defects) {
      const damaged = damage(relief, defect, rng.fork(defect), { severity: 1, flesh: model.flesh });
      const changed = changedBox(relief, damaged);
      const partly = scanRelief(damaged, setup, { scan, changed });
      const wholly = scanRelief(damaged, setup);
      expect(partly.xyz).toEqual(wholly.xyz);
      expect(partly.light).toEqual(wholly.light);
      expect(partly.surface).toEqual(wholly.surface);
    }
  }
});
