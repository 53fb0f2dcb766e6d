import { ArgumentError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import { farthestPoints } from '../farthest-points.js';
import { prepareReal3d } from './prepare-real3d.js';

/** Random points of a unit cube, those of its right half anomalous. */
function cloud(count: number) {
  const rng = createRng('real3d');
  const positions = Float32Array.from({ length: 3 * count }, () => rng.uniform());
  const labels = Uint8Array.from({ length: count }, (_, i) => Number(positions[3 * i] > 0.5));
  return { positions: ndarray(positions, [count, 3]), labels };
}

describe('prepareReal3d', () => {
  test('a larger cloud is thinned to farthest points in the order they are chosen, with their labels', () => {
    const { positions, labels } = cloud(500);
    const prepared = prepareReal3d({ positions, labels }, { count: 100, rng: createRng(4) });
    const chosen = farthestPoints(positions.data, 100, { start: createRng(4).integer(0, 500) });
    expect(prepared.sampling).toBe('fps');
    expect([...prepared.positions]).toEqual(
      [...chosen].flatMap((i) => [...positions.data.slice(3 * i, 3 * i + 3)]),
    );
    expect([...(prepared.labels ?? [])]).toEqual([...chosen].map((i) => labels[i]));
    expect(prepared.foreground).toEqual(new Uint8Array(100).fill(1));
  });

  test.each(['random', 'voxel'] as const)('%s points are different points of the cloud', (sampling) => {
    const { positions, labels } = cloud(500);
    const prepared = prepareReal3d({ positions, labels }, { count: 100, sampling });
    expect(prepared.sampling).toBe(sampling);
    const all = Array.from({ length: 500 }, (_, i) => positions.data.slice(3 * i, 3 * i + 3).join());
    const rows = Array.from({ length: 100 }, (_, i) =>
      all.indexOf(prepared.positions.slice(3 * i, 3 * i + 3).join()),
    );
    expect(new Set(rows).size).toBe(100);
    expect(rows).not.toContain(-1);
    expect([...(prepared.labels ?? [])]).toEqual(rows.map((row) => labels[row]));
  });

  test('points of voxels cover the cloud better than random ones', () => {
    const { positions } = cloud(2000);
    const gap = (sampling: 'random' | 'voxel') => {
      const { positions: kept } = prepareReal3d({ positions }, { count: 200, sampling });
      let largest = 0;
      for (let i = 0; i < 6000; i += 3) {
        let nearest = Infinity;
        for (let j = 0; j < 600; j += 3) {
          const d = [0, 1, 2].reduce((sum, a) => sum + (positions.data[i + a] - kept[j + a]) ** 2, 0);
          nearest = Math.min(nearest, d);
        }
        largest = Math.max(largest, nearest);
      }
      return largest;
    };
    expect(gap('voxel')).toBeLessThan(0.8 * gap('random'));
  });

  test('clouds above the limit are thinned at random unless told otherwise', () => {
    expect(prepareReal3d(cloud(50), { count: 10, fpsLimit: 40 }).sampling).toBe('random');
    expect(prepareReal3d(cloud(50), { count: 10, fpsLimit: 40, sampling: 'fps' }).sampling).toBe('fps');
  });

  test('a smaller cloud keeps its points and gets blends of neighbours, each at most once', () => {
    const { positions, labels } = cloud(40);
    const count = 40 + 9 * 40; // every candidate
    const prepared = prepareReal3d({ positions, labels }, { count });
    expect(prepared.sampling).toBe('interpolated');
    expect(prepared.positions.slice(0, 120)).toEqual(positions.data);
    expect(prepared.labels?.slice(0, 40)).toEqual(labels);
    const expected: string[] = [];
    for (let i = 0; i < 40; i++) {
      const distance = (j: number) =>
        [0, 1, 2].reduce((sum, a) => sum + (positions.data[3 * i + a] - positions.data[3 * j + a]) ** 2, 0);
      const others = Array.from({ length: 40 }, (_, j) => j).filter((j) => j !== i);
      for (const j of others.sort((a, b) => distance(a) - distance(b)).slice(0, 3)) {
        for (const ratio of [0.25, 0.5, 0.75]) {
          const blend = [0, 1, 2].map((a) =>
            Math.fround((1 - ratio) * positions.data[3 * i + a] + ratio * positions.data[3 * j + a]),
          );
          expected.push([...blend, labels[ratio < 0.6 ? i : j]].join());
        }
      }
    }
    const added = Array.from({ length: 360 }, (_, i) => {
      const row = 40 + i;
      return [...prepared.positions.slice(3 * row, 3 * row + 3), prepared.labels?.[row]].join();
    });
    expect(added.sort()).toEqual(expected.sort());
    expect(() => prepareReal3d({ positions }, { count: count + 1 })).toThrow(ArgumentError);
  });

  test('duplicates are neighbours of each other', () => {
    const positions = ndarray(new Float32Array(30).fill(2), [10, 3]);
    expect([...prepareReal3d({ positions }, { count: 50 }).positions]).toEqual(new Array(150).fill(2));
    expect(prepareReal3d({ positions }, { count: 4, sampling: 'voxel' }).positions).toHaveLength(12);
  });

  test('a cloud of the wanted size stays as it is; the same generator gives the same points', () => {
    const same = prepareReal3d(cloud(30), { count: 30 });
    expect(same.sampling).toBe('all');
    expect(same.positions).toEqual(cloud(30).positions.data);
    expect(prepareReal3d(cloud(30), { count: 45 })).toEqual(prepareReal3d(cloud(30), { count: 45 }));
  });

  test('refuses empty clouds, a single point, NaN and unknown options', () => {
    expect(() => prepareReal3d(cloud(0), { count: 5 })).toThrow(ArgumentError);
    expect(() => prepareReal3d(cloud(1), { count: 5 })).toThrow(ArgumentError);
    expect(prepareReal3d(cloud(1), { count: 1 }).positions).toHaveLength(3);
    const bad = { positions: ndarray(Float32Array.of(0, 0, Number.NaN), [1, 3]) };
    expect(() => prepareReal3d(bad)).toThrow(ArgumentError);
    expect(() => prepareReal3d(cloud(9), { count: 0 })).toThrow(ArgumentError);
    expect(() => prepareReal3d(cloud(9), { sampling: 'all' as 'fps' })).toThrow(ArgumentError);
  });
});
