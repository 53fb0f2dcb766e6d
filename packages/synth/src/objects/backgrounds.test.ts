import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { backgrounds } from './backgrounds.js';

const side = 100;

/** Colours on a grid of 1 mm. */
function sample(name: keyof typeof backgrounds, seed: number): Float64Array {
  const paint = backgrounds[name](createRng(seed));
  const colours = new Float64Array(3 * side * side);
  for (let i = 0; i < side * side; i++) {
    const colour = colours.subarray(3 * i, 3 * i + 3);
    paint(colour, (i % side) * 0.001 - 0.05, Math.floor(i / side) * 0.001 - 0.05);
  }
  return colours;
}

test.each(Object.keys(backgrounds) as (keyof typeof backgrounds)[])(
  '%s has colours in [0, 1], is the same for a seed and another place of itself for another',
  (name) => {
    const colours = sample(name, 1);
    for (const value of colours) if (!(value >= 0 && value <= 1)) throw new Error(`colour ${value}`);
    expect(sample(name, 1)).toEqual(colours);
    const other = sample(name, 2);
    expect(other).not.toEqual(colours);
    const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean(other) - mean(colours))).toBeLessThan(0.05);
  },
);

test('a background writes a colour and nothing behind it', () => {
  for (const build of Object.values(backgrounds)) {
    const out = Float64Array.of(0, 0, 0, 7);
    build(createRng(1))(out, 0.01, 0.02);
    expect(out[3]).toBe(7);
  }
});

test('every background but the plain one has structure that a plain table does not have', () => {
  const roughness = (name: keyof typeof backgrounds) => {
    const colours = sample(name, 3);
    let [across, down] = [0, 0];
    for (let i = 3 * side; i < colours.length; i++) {
      across += Math.abs(colours[i] - colours[i - 3]);
      down += Math.abs(colours[i] - colours[i - 3 * side]);
    }
    return Math.max(across, down) / colours.length;
  };
  for (const name of Object.keys(backgrounds) as (keyof typeof backgrounds)[]) {
    if (name !== 'plain') expect(roughness(name)).toBeGreaterThan(1.5 * roughness('plain'));
  }
});
