import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { damage, defectTypes } from './damage.js';
import type { ObjectModel } from './object-model.js';
import { type Relief, rasterise } from './relief.js';

/** A flat grey square plate, 8 cm wide and 2 cm thick. */
const plate: ObjectModel = {
  reach: 0.057,
  top: 0.02,
  turn: 0,
  gloss: 0,
  flesh: [1, 0, 0],
  height: (u, v) => (Math.max(Math.abs(u), Math.abs(v)) < 0.04 ? 0.02 : 0),
  paint: (out) => out.fill(0.5),
};
const pitch = 0.0004;
const relief = rasterise(plate, pitch);
const make = (type: (typeof defectTypes)[number], severity: number, seed: number | string = 1) =>
  damage(relief, type, createRng(seed), { severity, flesh: plate.flesh });

/** Height change of every node, metres. */
function changes(damaged: Relief): number[] {
  return Array.from(damaged.heights, (height, node) => height - relief.heights[node]);
}
const area = (values: number[]) => values.filter((value) => value !== 0).length * pitch * pitch;

test.each([
  ['bulge', 1],
  ['dent', -1],
] as const)('a %s moves the surface to its side by 0.6 to 4 mm over a radius of 4 to 10 mm', (type, sign) => {
  for (const severity of [0, 0.5, 1]) {
    const moved = changes(make(type, severity)).map((change) => sign * change);
    expect(Math.min(...moved)).toBeCloseTo(0, 12);
    expect(Math.max(...moved)).toBeCloseTo(0.0006 + 0.0034 * severity, 5);
    const radius = Math.sqrt(area(moved) / Math.PI);
    expect(radius).toBeGreaterThan(0.0036);
    expect(radius).toBeLessThan(0.0105);
  }
});

test('a hole goes down to the support and changes nothing around it', () => {
  const damaged = make('hole', 0.5);
  const moved = changes(damaged);
  const nodes = moved.flatMap((change, node) => (change === 0 ? [] : [node]));
  expect(nodes.length).toBeGreaterThan(50);
  for (const node of nodes) expect(damaged.heights[node]).toBe(0);
});

test.each(['crack', 'cut'] as const)(
  'a %s is long, thin, deeper than 1.5 mm and never goes through',
  (type) => {
    for (const severity of [0, 1]) {
      const damaged = make(type, severity);
      const moved = changes(damaged);
      const depth = -Math.min(...moved);
      expect(Math.max(...moved)).toBe(0);
      expect(depth).toBeGreaterThan(0.0012);
      expect(depth).toBeLessThan(0.0051);
      // Longer than 1 cm and at most 2.7 mm wide on average.
      const columns = new Set<number>();
      const rows = new Set<number>();
      moved.forEach((change, node) => {
        if (change === 0) return;
        columns.add(node % relief.size);
        rows.add(Math.floor(node / relief.size));
      });
      const length = Math.hypot(columns.size, rows.size) * pitch;
      expect(length).toBeGreaterThan(0.01);
      expect(area(moved) / length).toBeLessThan(0.0027);
    }
    const thin: Relief = { ...relief, heights: relief.heights.map((height) => height * 0.4) };
    const cut = damage(thin, type, createRng(3), { severity: 1, flesh: plate.flesh });
    cut.heights.forEach((height, node) => {
      if (thin.heights[node] > 0 && height === 0) throw new Error('went through');
    });
  },
);

test('a cut shows the colour of the inside, a crack is darker than the surface', () => {
  const cut = make('cut', 1);
  const crack = make('crack', 1);
  changes(cut).forEach((change, node) => {
    if (change !== 0) expect(cut.colours[3 * node]).toBeGreaterThan(cut.colours[3 * node + 1] + 0.5);
  });
  changes(crack).forEach((change, node) => {
    if (change !== 0) expect(crack.colours[3 * node]).toBeLessThan(0.4);
  });
});

test('contamination rises by less than 4 mm and has another colour', () => {
  const damaged = make('contamination', 0.7);
  changes(damaged).forEach((change, node) => {
    if (change === 0) return;
    expect(change).toBeGreaterThan(0);
    expect(change).toBeLessThan(0.004);
    const difference = [0, 1, 2].map((c) => Math.abs(damaged.colours[3 * node + c] - 0.5));
    expect(Math.max(...difference)).toBeGreaterThan(0.2);
  });
});

test('a stain changes colours visibly and no height', () => {
  for (const severity of [0, 1]) {
    const damaged = make('stain', severity);
    expect(damaged.heights).toEqual(relief.heights);
    let stained = 0;
    for (let node = 0; node < relief.heights.length; node++) {
      const difference = [0, 1, 2].map((c) =>
        Math.abs(damaged.colours[3 * node + c] - relief.colours[3 * node + c]),
      );
      if (Math.max(...difference) === 0) continue;
      stained++;
      expect(Math.max(...difference)).toBeGreaterThan(0.04);
    }
    expect(stained).toBeGreaterThan(50);
  }
});

test('more severity is more damage, for every defect', () => {
  for (const type of defectTypes) {
    const amount = (severity: number) => {
      const damaged = make(type, severity, 'severity');
      return damaged.colours.reduce(
        (sum, colour, i) => sum + Math.abs(colour - relief.colours[i]),
        changes(damaged).reduce((sum, change) => sum + 1000 * Math.abs(change), 0),
      );
    };
    expect(amount(1)).toBeGreaterThan(1.5 * amount(0));
  }
});

test('the damaged relief is a copy, and its defect depends on the rng alone', () => {
  const before = relief.heights.slice();
  const [first, again, other] = [make('bulge', 0.5, 1), make('bulge', 0.5, 1), make('bulge', 0.5, 2)];
  expect(relief.heights).toEqual(before);
  expect(first.heights).toEqual(again.heights);
  expect(first.heights).not.toEqual(other.heights);
});

test('defects lie on the object: on a ring none reaches the bore or the outside', () => {
  const ring = rasterise(
    { ...plate, height: (u, v) => (Math.abs(Math.hypot(u, v) - 0.035) < 0.008 ? 0.02 : 0) },
    pitch,
  );
  for (const type of defectTypes) {
    const damaged = damage(ring, type, createRng('ring'), { severity: 0.3, flesh: [0, 0, 0] });
    damaged.heights.forEach((height, node) => {
      if (ring.heights[node] === 0 && height !== 0) throw new Error(`${type} outside the object`);
    });
  }
});
