import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import type { ObjectModel } from './object-model.js';
import { overBlob, overPath } from './patch.js';
import { regionSizes } from './regions.js';
import { rasterise } from './relief.js';

const plate: ObjectModel = {
  reach: 0.03,
  top: 0.01,
  turn: 0,
  gloss: 0,
  flesh: [1, 1, 1],
  height: (u, v) => (Math.max(Math.abs(u), Math.abs(v)) < 0.025 ? 0.01 : 0),
  paint: (out) => out.fill(0.5),
};
const relief = rasterise(plate, 0.0005);
const centre = (relief.size * relief.size - 1) / 2;

test('a blob that is not ragged is an ellipse of the radius asked for, rho being 0 at its centre', () => {
  for (let seed = 0; seed < 8; seed++) {
    let nodes = 0;
    let atCentre = 1;
    overBlob(relief, { centre, radius: 0.008, ragged: 0, rng: createRng(seed) }, (node, rho, x, y) => {
      nodes++;
      if (node === centre) atCentre = rho;
      // Aspects between 0.8 and 1.25.
      const round = Math.hypot(x, y) / 0.008;
      expect(round).toBeLessThan(1.25 * rho + 1e-9);
      expect(round).toBeGreaterThan(rho / 1.25 - 1e-9);
    });
    expect(atCentre).toBe(0);
    expect(nodes * 0.0005 ** 2).toBeCloseTo(Math.PI * 0.008 ** 2, 5);
  }
});

test('a ragged blob is one region and stays on the object', () => {
  for (let seed = 0; seed < 10; seed++) {
    const mask = new Uint8Array(relief.size ** 2);
    const cornerNode = centre - 40 * relief.size - 40;
    overBlob(relief, { centre: cornerNode, radius: 0.01, ragged: 0.4, rng: createRng(seed) }, (node, rho) => {
      mask[node] = 1;
      expect(rho).toBeLessThan(1);
      expect(relief.heights[node]).toBeGreaterThan(0);
    });
    expect(regionSizes(mask, relief.size)).toHaveLength(1);
  }
});

test('a path is visited within half its width, across and along it', () => {
  const { half } = relief;
  const path = [half - 0.01, half, half + 0.01, half];
  let nodes = 0;
  overPath(relief, path, 0.002, (node, across, along) => {
    nodes++;
    const x = (node % relief.size) * relief.pitch - half;
    const y = Math.floor(node / relief.size) * relief.pitch - half;
    if (Math.abs(x) <= 0.01) expect(across).toBeCloseTo(Math.abs(y) / 0.002, 9);
    expect(along).toBeCloseTo(Math.min(1, Math.max(0, (x + 0.01) / 0.02)), 9);
  });
  // A rectangle with two half discs at the ends.
  expect(nodes * 0.0005 ** 2).toBeCloseTo(0.02 * 0.004 + Math.PI * 0.002 ** 2, 5);
});
