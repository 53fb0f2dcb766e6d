import { readFileSync } from 'node:fs';
import { ArgumentError, ShapeError } from '@anomclip/core';
import { interpolate } from '@anomclip/core/image';
import { createRng, type Rng } from '@anomclip/core/random';
import { readSafetensors, toFloat32 } from '@anomclip/core/weights';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import { sharedFile } from '../testing/golden.js';
import { backProjection, visibleCounts } from './back-projection.js';
import { type Correspondences, findCorrespondences } from './correspondences.js';
import { randomViews } from './example-views.fixture.js';
import { fillNeverVisible } from './never-visible.js';
import { ninePoints } from './nine-points.fixture.js';
import { multiplyRows } from './sparse-rows.js';

const goldenPath = sharedFile('golden/pointad-train-step.safetensors');

function filled(seed: number, viewCount = 3, pointCount = 60, size = 6): Correspondences {
  const found = findCorrespondences(randomViews(createRng(seed), viewCount, pointCount), { size });
  return fillNeverVisible(found, 'rasterNeighbour');
}

function uniform(rng: Rng, length: number): Float32Array {
  return Float32Array.from({ length }, () => rng.uniform());
}

describe('backProjection', () => {
  test('averages over the views that show a point (pointad.md 11.6)', () => {
    const matrix = backProjection(fillNeverVisible(ninePoints(), 'rasterNeighbour'));
    const anomalous = Float32Array.from({ length: 18 }, (_, i) => (i < 9 ? i / 10 : (i - 9) / 20));
    const points = multiplyRows(matrix, anomalous);
    [0, 0.1, 0.2, 0.3, 0.4, 0.375, 0.45, 0.7, 0].forEach((value, i) => {
      expect(points[i]).toBeCloseTo(value, 6);
    });
    const normal = multiplyRows(
      matrix,
      anomalous.map((p) => 1 - p),
    );
    [0, 0.9, 0.8, 0.7, 0.6, 0.625, 0.55, 0.3, 0].forEach((value, i) => {
      expect(normal[i]).toBeCloseTo(value, 6);
    });
  });

  test('divides by all views when asked to: the average of the paper', () => {
    const correspondences = filled(3);
    const maps = uniform(createRng(3), 3 * 36);
    const perVisible = multiplyRows(backProjection(correspondences), maps);
    const perView = multiplyRows(backProjection(correspondences, { viewNormalization: 'viewCount' }), maps);
    const counts = visibleCounts(correspondences);
    expect([...counts].some((count) => count === 2)).toBe(true);
    perView.forEach((value, i) => {
      expect(value).toBeCloseTo((perVisible[i] * counts[i]) / 3, 6);
    });
  });

  test('a constant map gives the constant on the foreground and 0 on the background', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(2, 5, 6, 11), (seed, mapSize) => {
        const rng = createRng(seed);
        const foreground = Uint8Array.from({ length: 40 }, () => Number(rng.boolean()));
        const count = foreground.reduce((sum, flag) => sum + flag, 0);
        const found = findCorrespondences(randomViews(rng, 4, count), { size: 6, foreground });
        fc.pre(found.visible.includes(1));
        const matrix = backProjection(fillNeverVisible(found, 'rasterNeighbour'), { mapSize });
        const points = multiplyRows(matrix, new Float32Array(matrix.columnCount).fill(7));
        points.forEach((value, i) => {
          expect(value).toBeCloseTo(7 * foreground[i], 5);
        });
      }),
      { seed: 4 },
    );
  });

  test('normal and anomalous sum to 1 on the foreground (pointad.md 11.12, 5)', () => {
    const matrix = backProjection(filled(5), { mapSize: 3 });
    const anomalous = uniform(createRng(5), matrix.columnCount);
    const sum = multiplyRows(matrix, anomalous);
    multiplyRows(
      matrix,
      anomalous.map((p) => 1 - p),
    ).forEach((normal, i) => {
      expect(normal + sum[i]).toBeCloseTo(1, 6);
    });
  });

  test('the order of the views changes nothing (pointad.md 11.12, 6)', () => {
    const views = randomViews(createRng(6), 3, 50);
    const maps = uniform(createRng(6), 3 * 36);
    const results = [
      [0, 1, 2],
      [2, 0, 1],
    ].map((order) => {
      const found = findCorrespondences(
        order.map((k) => views[k]),
        { size: 6 },
      );
      const reordered = Float32Array.from(order.flatMap((k) => [...maps.subarray(36 * k, 36 * k + 36)]));
      return multiplyRows(backProjection(fillNeverVisible(found, 'rasterNeighbour')), reordered);
    });
    results[0].forEach((value, i) => {
      expect(results[1][i]).toBeCloseTo(value, 6);
    });
  });

  test.each([2, 4, 6, 9])('a %i × %i map is read as if it were resized to 6 × 6 first', (mapSize) => {
    const correspondences = filled(7);
    const rng = createRng(7);
    const maps = uniform(rng, 3 * mapSize * mapSize);
    const resized = [0, 1, 2].flatMap((k) => {
      const map = ndarray(maps.slice(k * mapSize ** 2, (k + 1) * mapSize ** 2), [mapSize, mapSize]);
      return [...interpolate(map, 6, 6).data];
    });
    const expected = multiplyRows(backProjection(correspondences), Float32Array.from(resized));
    const direct = multiplyRows(backProjection(correspondences, { mapSize }), maps);
    direct.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5);
    });
  });

  test('no row has more than four entries per view that shows the point', () => {
    const correspondences = filled(8);
    const { starts } = backProjection(correspondences, { mapSize: 4 });
    visibleCounts(correspondences).forEach((count, i) => {
      expect(starts[i + 1] - starts[i]).toBeLessThanOrEqual(4 * count);
    });
  });

  test('refuses arrays that do not fit together', () => {
    const fine = ninePoints();
    expect(() => backProjection({ ...fine, visible: new Uint8Array(17) })).toThrow(ShapeError);
    expect(() => backProjection({ ...fine, pixels: new Uint16Array(18) })).toThrow(ShapeError);
    expect(() => backProjection({ ...fine, foreground: new Uint8Array(8) })).toThrow(ShapeError);
    expect(() => backProjection({ ...fine, size: 2 })).toThrow(ArgumentError);
    expect(() => backProjection(fine, { mapSize: 0 })).toThrow(ArgumentError);
    expect(() => backProjection(fine, { viewNormalization: 'count' as 'viewCount' })).toThrow(ArgumentError);
  });

  test.skipIf(!goldenPath)("equals the reference's map of points (skipped without ../shared)", () => {
    const { tensors } = readSafetensors(readFileSync(goldenPath ?? ''));
    const read = (name: string) => {
      const tensor = tensors.get(name);
      if (!tensor) throw new Error(`no golden tensor ${name}`);
      return { shape: tensor.shape, values: toFloat32(tensor) };
    };
    const { shape, values: xySeen } = read('input.correspondence_xy_seen');
    const [sampleCount, viewCount, pointCount] = shape;
    const maps = read('output.similarity_map_first_layer');
    const size = maps.shape[2];
    const expected = read('output.point_map').values;
    const isPoint = read('input.non_zero').values;
    let largest = 0;
    for (let sample = 0; sample < sampleCount; sample++) {
      const rows = xySeen.subarray(
        sample * viewCount * pointCount * 3,
        (sample + 1) * viewCount * pointCount * 3,
      );
      const foreground = Uint8Array.from(isPoint.subarray(sample * pointCount, (sample + 1) * pointCount));
      const total = viewCount * pointCount;
      const matrix = backProjection({
        viewCount,
        pointCount,
        size,
        pixels: Uint16Array.from({ length: 2 * total }, (_, i) => rows[3 * (i >> 1) + (i & 1)]),
        visible: Uint8Array.from({ length: total }, (_, i) => rows[3 * i + 2] * foreground[i % pointCount]),
        foreground,
      });
      for (const channel of [0, 1]) {
        const channelMaps = Float32Array.from(
          { length: viewCount * size * size },
          (_, i) =>
            maps.values[
              ((sample * viewCount + Math.floor(i / size ** 2)) * 2 + channel) * size ** 2 + (i % size ** 2)
            ],
        );
        multiplyRows(matrix, channelMaps).forEach((value, i) => {
          largest = Math.max(largest, Math.abs(value - expected[(sample * 2 + channel) * pointCount + i]));
        });
      }
    }
    expect(largest).toBeLessThan(1e-6);
  });
});
