import type { OrganisedCloud } from '@anomclip/core';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { greedyKCentre, nearestRows, reweightedScore, takeRows } from '../memory-bank/index.js';
import { FPFH_SIZE, fpfhOfPoints, patchFeatures } from './features.js';

/** 36 points, index 6i + j, whose results the specification lists; in float32 some pairs would fall into other bins. */
const rippledPatch = Float64Array.from({ length: 108 }, (_, k) => {
  const [i, j] = [Math.floor(k / 18), Math.floor(k / 3) % 6];
  return [
    0.01 * i + 0.001 * Math.sin(3 * i + 5 * j + 1),
    0.01 * j + 0.001 * Math.cos(2 * i - 7 * j + 2),
    0.5 + 0.004 * Math.sin(1.3 * i) * Math.cos(0.9 * j) + 0.002 * i,
  ][k % 3];
});

const neighbourhoods = {
  normals: { radius: 0.03, maxNeighbours: 8 },
  fpfh: { radius: 0.05, maxNeighbours: 12 },
} as const;

test('the object score of the specification comes out of FPFH, k-centre, nearest rows and reweighting', async () => {
  const rows = fpfhOfPoints(rippledPatch, { ...neighbourhoods, normalOrientation: 'none' });
  const chosen = await greedyKCentre(rows, FPFH_SIZE, 8);
  expect([...chosen]).toEqual([0, 27, 30, 9, 20, 29, 15, 25]);

  const bank = takeRows(rows, FPFH_SIZE, chosen.subarray(0, 6));
  const queries = takeRows(rows, FPFH_SIZE, Uint32Array.of(1, 7, 14, 22));
  const nearest = nearestRows(queries, bank, FPFH_SIZE);
  const expected = [42.816272, 53.341749, 71.418384, 51.469815];
  expected.forEach((distance, i) => {
    expect(nearest.distances[i]).toBeCloseTo(distance, 4);
  });
  const { score, weight, query } = reweightedScore(queries, bank, FPFH_SIZE, nearest);
  expect([query, nearest.indices[query]]).toEqual([2, 4]);
  expect(weight).toBeCloseTo(0.9999973389, 9);
  expect(score).toBeCloseTo(71.4181943685, 4);
});

test('normals turned to +z change the features as the specification lists', () => {
  const rows = fpfhOfPoints(rippledPatch, { ...neighbourhoods, normalOrientation: '+z' });
  const point14 = rows.subarray(14 * FPFH_SIZE, 15 * FPFH_SIZE);
  expect(point14[4]).toBeCloseTo(21.16865, 3);
  expect(point14[5]).toBeCloseTo(172.235301, 3);
  expect(rows.reduce((sum, value) => sum + value * value, 0) / 2202708.55233).toBeCloseTo(1, 6);
});

test('turning to the camera turns to the other side, which mirrors the signed bins', () => {
  const up = fpfhOfPoints(rippledPatch, { ...neighbourhoods, normalOrientation: '+z' });
  const camera = fpfhOfPoints(rippledPatch, { ...neighbourhoods, normalOrientation: 'camera' });
  const given = new Float32Array(108).map((_, i) => (i % 3 === 2 ? -1 : 0));
  expect(camera[14 * FPFH_SIZE + 6]).toBeCloseTo(up[14 * FPFH_SIZE + 4], 3);
  expect(fpfhOfPoints(rippledPatch, { ...neighbourhoods, normalOrientation: given })).toEqual(camera);
});

test('a point and its missing neighbours make a patch of their average', () => {
  // 12×12 pixels, a 6×6 patch of points in one corner: the far corner's patch has no point within its window.
  const xyz = ndarray(new Float32Array(12 * 12 * 3), [12, 12, 3]);
  rippledPatch.forEach((value, i) => {
    xyz.set(Math.floor(i / 18), Math.floor(i / 3) % 6, i % 3, value);
  });
  const patches = patchFeatures({ xyz }, { ...neighbourhoods, normalOrientation: 'none', patches: 2 });
  if (!patches) throw new Error('no patches');
  expect(patches.length).toBe(4 * FPFH_SIZE);
  // Patch (0, 0) averages windows 0…4 of 3×3 pixels: pixels 0…6 weigh 1 2 3 3 3 2 1 fifteenths per axis.
  const weights = [1, 2, 3, 3, 3, 2].map((weight) => weight / 15);
  const stored = Float32Array.from(rippledPatch);
  const rows = fpfhOfPoints(stored, { ...neighbourhoods, normalOrientation: 'none' });
  for (const bin of [5, 16, 27]) {
    let expected = 0;
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j < 6; j++) expected += weights[i] * weights[j] * rows[(6 * i + j) * FPFH_SIZE + bin];
    }
    expect(patches[bin]).toBeCloseTo(expected, 3);
  }
  // Patch (1, 1) sees pixels 5…11 only, of which (5, 5) alone is measured: one fifteenth squared of it.
  expect(patches[3 * FPFH_SIZE + 5]).toBeCloseTo(rows[35 * FPFH_SIZE + 5] / 225, 4);
});

test('a scan without points has no patches, a scan of one point has patches of zeros', () => {
  const options = { ...neighbourhoods, normalOrientation: 'none', patches: 2 } as const;
  const empty: OrganisedCloud = { xyz: ndarray(new Float32Array(75), [5, 5, 3]) };
  expect(patchFeatures(empty, options)).toBeNull();
  const one = new Float32Array(75).fill(0.5, 36, 39);
  expect(patchFeatures({ xyz: ndarray(one, [5, 5, 3]) }, options)).toEqual(new Float32Array(4 * FPFH_SIZE));
});
