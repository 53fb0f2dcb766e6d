import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CloudRegionOptions, cloudRegions } from './cloud-regions.js';

const labelledCloud = fc
  .array(
    fc.record({
      at: fc.tuple(...[12, 12, 3].map((max) => fc.integer({ min: 0, max }))),
      label: fc.integer({ min: 0, max: 2 }),
    }),
    { minLength: 1, maxLength: 80 },
  )
  .map((points) => ({
    // An eighth of a lattice step off in x now and then: other distances than whole ones.
    positions: Float32Array.from(points.flatMap(({ at: [x, y, z] }, i) => [x + (i % 3) / 8, y, z])),
    labels: Uint8Array.from(points, ({ label }) => label),
  }));

function distance(positions: Float32Array, a: number, b: number): number {
  const offset = [0, 1, 2].map((axis) => positions[3 * a + axis] - positions[3 * b + axis]);
  return Math.sqrt(offset[0] ** 2 + offset[1] ** 2 + offset[2] ** 2);
}

/** Components by relabelling until nothing changes, numbered by their first point. */
function componentsOf(labels: Uint8Array, areLinked: (a: number, b: number) => boolean): number[] {
  const component = Array.from(labels, (label, i) => (label === 0 ? -1 : i));
  for (let changed = true; changed; ) {
    changed = false;
    for (let a = 0; a < labels.length; a++) {
      for (let b = 0; b < labels.length; b++) {
        if (component[a] < 0 || component[b] <= component[a] || !areLinked(a, b)) continue;
        component[b] = component[a];
        changed = true;
      }
    }
  }
  const first = [...new Set(component.filter((root) => root >= 0))];
  return component.map((root) => first.indexOf(root) + 1);
}

describe('cloudRegions', () => {
  test("with 'radius' joins what is closer than 3 median nearest-neighbour distances, and duplicates always", () => {
    fc.assert(
      fc.property(labelledCloud, fc.constantFrom(0.5, 1, 3), ({ positions, labels }, radiusFactor) => {
        const nearest = Array.from(labels, (_, a) =>
          Math.min(...Array.from(labels.keys(), (b) => (a === b ? Infinity : distance(positions, a, b)))),
        ).sort((a, b) => a - b);
        const middle = nearest.length / 2;
        const median = (nearest[Math.ceil(middle) - 1] + nearest[Math.floor(middle)]) / 2;
        const radius = labels.length < 2 ? 0 : radiusFactor * median;
        const linked = (a: number, b: number) => {
          const apart = distance(positions, a, b);
          return apart === 0 || apart < radius;
        };
        const result = cloudRegions(positions, labels, { radiusFactor });
        expect(Array.from(result.labels)).toEqual(componentsOf(labels, linked));
        expect(result.sizes.reduce((sum, size) => sum + size, 0)).toBe(
          labels.filter((label) => label !== 0).length,
        );
      }),
      { seed: 31, numRuns: 300 },
    );
  });

  test("with 'knn' joins points either of which is among the nearest of the other", () => {
    fc.assert(
      fc.property(labelledCloud, fc.integer({ min: 1, max: 8 }), ({ positions, labels }, neighbours) => {
        const nearestOf = Array.from(labels.keys(), (a) =>
          Array.from(labels.keys())
            .filter((b) => b !== a)
            .sort((b, c) => distance(positions, a, b) ** 2 - distance(positions, a, c) ** 2 || b - c)
            .slice(0, neighbours),
        );
        const linked = (a: number, b: number) => nearestOf[a].includes(b) || nearestOf[b].includes(a);
        const result = cloudRegions(positions, labels, { graph: 'knn', neighbours });
        expect(Array.from(result.labels)).toEqual(componentsOf(labels, linked));
      }),
      { seed: 32 },
    );
  });

  test('a dense defect in a sparse cloud is one region, however many points it has', () => {
    const side = 100;
    const positions = new Float32Array(3 * 2 * side * side);
    const labels = new Uint8Array(2 * side * side);
    for (let i = 0; i < side * side; i++) {
      positions.set([i % side, Math.floor(i / side), 0], 3 * i);
      // As many points again within one unit.
      positions.set([(i % side) / side, Math.floor(i / side) / side, 5], 3 * (i + side * side));
      labels[i + side * side] = 1;
    }
    expect(cloudRegions(positions, labels, { radiusFactor: 20 })).toMatchObject({ count: 1 });
  });

  test.each<CloudRegionOptions>([{ graph: 'radius' }, { graph: 'knn' }])(
    'no point, one point and all points at one place are legal with %o',
    (options) => {
      expect(cloudRegions(new Float32Array(0), new Uint8Array(0), options).count).toBe(0);
      expect(cloudRegions(Float32Array.of(1, 2, 3), Uint8Array.of(1), options).count).toBe(1);
      const same = new Float32Array(60_000).fill(0.1);
      same[3] = 0.1;
      expect(cloudRegions(same, new Uint8Array(20_000).fill(1), options).count).toBe(1);
    },
  );

  test('−0 and 0 are one place', () => {
    const positions = Float32Array.of(0, 0, 0, -0, -0, -0, 0, 0, 0, 0, 0, 0);
    expect(cloudRegions(positions, Uint8Array.of(1, 1, 0, 0)).count).toBe(1);
  });

  test('refuses coordinates that are not finite and lengths that do not match', () => {
    expect(() => cloudRegions(Float32Array.of(0, 0, 0, 1, NaN, 1), Uint8Array.of(1, 1))).toThrow(
      /finite coordinates, got "NaN at point 1"/,
    );
    expect(() => cloudRegions(new Float32Array(5), new Uint8Array(2))).toThrow(
      /6 coordinates for 2 points, got 5/,
    );
    expect(() => cloudRegions(new Float32Array(3), new Uint8Array(1), { radiusFactor: 0 })).toThrow(
      /radiusFactor/,
    );
    expect(() => cloudRegions(new Float32Array(3), new Uint8Array(1), { neighbours: 0.5 })).toThrow(
      /neighbours/,
    );
    expect(() => cloudRegions(new Float32Array(3), new Uint8Array(1), { graph: 'mst' as 'knn' })).toThrow(
      /graph/,
    );
  });
});
