import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { categories, defectTypesOf, objectCategories } from './categories.js';
import { defectTypes } from './damage.js';

test('there are ten categories, in snake case and alphabetical order, none with a name of MVTec 3D-AD', () => {
  expect(objectCategories).toHaveLength(10);
  expect([...objectCategories].sort()).toEqual([...objectCategories]);
  const taken = 'bagel cable_gland carrot cookie dowel foam peach potato rope tire'.split(' ');
  for (const category of objectCategories) {
    expect(category).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(taken).not.toContain(category);
  }
});

test('every category has at least four kinds of defect, and every kind occurs', () => {
  for (const category of objectCategories) {
    const types = defectTypesOf(category);
    expect(types.length).toBeGreaterThanOrEqual(4);
    expect([...new Set(types)].sort()).toEqual([...types]);
  }
  expect(new Set(objectCategories.flatMap(defectTypesOf))).toEqual(new Set(defectTypes));
});

test('every model stays within the reach, the top and the colours it declares', () => {
  const colour = new Float64Array(3);
  for (const category of objectCategories) {
    for (let seed = 0; seed < 3; seed++) {
      const model = categories[category].build(createRng(seed));
      let [reached, topped, darkest, brightest] = [0, 0, 1, 0];
      for (let i = -80; i <= 80; i++) {
        for (let j = -80; j <= 80; j++) {
          const [u, v] = [0.001 * j, 0.001 * i];
          const height = model.height(u, v);
          if (height <= 0) continue;
          reached = Math.max(reached, Math.hypot(u, v));
          topped = Math.max(topped, height);
          model.paint(colour, u, v, height);
          darkest = Math.min(darkest, ...colour);
          brightest = Math.max(brightest, ...colour);
        }
      }
      expect(reached).toBeLessThanOrEqual(model.reach);
      expect(reached).toBeGreaterThan(0.035);
      expect(topped).toBeLessThanOrEqual(model.top);
      expect(darkest).toBeGreaterThan(0);
      expect(brightest).toBeLessThan(1.25);
      expect(topped).toBeGreaterThan(0.009);
    }
  }
});
