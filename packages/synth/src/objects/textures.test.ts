import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { createBrushedMetal, createWoodGrain } from './textures.js';

/** Mean absolute change over a step of 0.3 mm along one axis. */
function roughness(texture: (u: number, v: number) => number, du: number, dv: number): number {
  const rng = createRng('places');
  let sum = 0;
  for (let k = 0; k < 2000; k++) {
    const [u, v] = [rng.uniform(-0.05, 0.05), rng.uniform(-0.05, 0.05)];
    sum += Math.abs(texture(u + du, v + dv) - texture(u, v));
  }
  return sum / 2000;
}

test.each([
  ['wood', createWoodGrain(createRng(1), 0.004)],
  ['brushed metal', createBrushedMetal(createRng(2))],
])('the grain of %s runs along u: it changes faster across', (_, texture) => {
  expect(roughness(texture, 0, 0.0003)).toBeGreaterThan(3 * roughness(texture, 0.0003, 0));
});
