import { createRng } from '@anomclip/core/random';
import { indexSurface } from '@anomclip/synth/cloud';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { threeDzalPresets } from './config.js';
import { pseudoPatches } from './pseudo-patches.js';

const rng = createRng('pseudo');
const surfaceRng = rng.fork('surface');
const positions = Float32Array.from({ length: 3 * 2000 }, (_, i) =>
  i % 3 === 2 ? 1 : surfaceRng.uniform(0.1, 0.4),
);
const surface = indexSurface({ positions: ndarray(positions, [2000, 3]) });
const donorRng = rng.fork('donor');
const blob = Float32Array.from({ length: 150 }, () => donorRng.normal(0.5, 0.004));
const donors = [[ndarray(blob, [50, 3])]];
const { paper } = threeDzalPresets;
const placeOf = (patch: Float32Array, i: number) => [...patch.subarray(3 * i, 3 * i + 3)].join();
const surfacePlaces = new Set(Array.from({ length: 2000 }, (_, i) => placeOf(positions, i)));

test('half of the patches are added to, with donated and with surface points, half are removed from', () => {
  const { patches } = pseudoPatches(surface, donors, 20, rng.fork('a'), paper);
  expect(patches.length).toBe(20);
  for (const [i, patch] of patches.entries()) {
    const places = Array.from({ length: 64 }, (_, k) => placeOf(patch, k));
    const donated = places.filter((place) => !surfacePlaces.has(place)).length;
    if (i < 10) {
      expect(donated).toBeGreaterThanOrEqual(8);
      expect(donated).toBeLessThanOrEqual(56);
    } else {
      expect(donated).toBe(0);
      expect(new Set(places).size).toBe(64);
    }
  }
});

test('weights choose the types, and without adding no donor is needed', () => {
  const pseudo = { ...paper.pseudo, adding: 0 };
  const { patches } = pseudoPatches(surface, [], 6, rng.fork('b'), { ...paper, pseudo });
  for (const patch of patches) expect(surfacePlaces.has(placeOf(patch, 0))).toBe(true);
  expect(() => pseudoPatches(surface, [], 6, rng, paper)).toThrow('a donor with at least 8 points');
});

test('a patch does not depend on how many others are made', () => {
  const of = (count: number) => pseudoPatches(surface, donors, count, rng.fork('c'), paper).patches[0];
  expect(of(2)).toEqual(of(4));
});
