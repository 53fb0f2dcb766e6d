import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aupro } from './aupro.js';
import { draw, mapOf, ratesFromScratch, smallTestSet, specificationMaps, trapezoids } from './fixtures.js';
import type { MaskMap, ScoreMap } from './inputs.js';

const modes = ['mvtec3d', 'exact', 'minmax200'] as const;

describe('aupro on the maps of the specification', () => {
  const continuous = specificationMaps();
  const rounded = specificationMaps((score) => Math.floor(20 * score) / 20);

  test('the maps are the ones meant', () => {
    const [first, , last] = continuous.maps;
    expect(first.data[0]).toBeCloseTo(0.1182277626, 10);
    expect(first.data[2 * 16 + 3]).toBeCloseTo(0.6865235893, 10);
    expect(last.data[255]).toBeCloseTo(0.4674196662, 10);
  });

  test.each([
    ['mvtec3d', 0.3, 0.7990158786, 0.7538099697],
    // The specification prints 0.6654376341; exact rational arithmetic gives 0.66543773408.
    ['mvtec3d', 0.05, 0.6972144195, 0.6654377341],
    ['exact', 0.3, 0.7984550562, 0.7979259189],
    ['exact', 0.05, 0.6954588015, 0.6838262314],
    ['exact', 1, 0.9383924391, 0.937404904],
    ['minmax200', 0.3, 0.790828252, 0.7424242424],
  ] as const)('mode %s up to %d gives %d, and %d on rounded scores', (mode, fprLimit, value, tied) => {
    const result = aupro(continuous.maps, continuous.masks, { mode, fprLimit });
    expect(result).toMatchObject({ mode, fprLimit, regions: 3, undefined: [] });
    expect(result.value).toBeCloseTo(value, 9);
    expect(aupro(rounded.maps, rounded.masks, { mode, fprLimit }).value).toBeCloseTo(tied, 9);
  });

  test('the curves have the stated points', () => {
    const { curve } = aupro(continuous.maps, continuous.masks);
    expect(curve.fpr).toHaveLength(101);
    const first = [0, 0.011236, 0.021067, 0.030899].map((fpr, i) => [
      fpr,
      [0.666667, 0.6875, 0.697917, 0.708333][i],
    ]);
    for (const [i, [fpr, pro]] of first.entries()) {
      expect(curve.fpr[i]).toBeCloseTo(fpr, 6);
      expect(curve.pro[i]).toBeCloseTo(pro, 6);
    }
    expect([curve.fpr[100], curve.pro[100], curve.threshold[100]]).toEqual([1, 1, -Infinity]);
    expect(aupro(continuous.maps, continuous.masks, { mode: 'exact' }).curve.fpr).toHaveLength(770);
  });

  test('there are 4 regions when corners do not join', () => {
    expect(aupro(continuous.maps, continuous.masks, { connectivity: 4 }).regions).toBe(4);
  });

  test('a thinned curve has the same value', () => {
    const { value, curve } = aupro(continuous.maps, continuous.masks, { mode: 'exact', thin: 50 });
    expect(value).toBeCloseTo(0.7984550562, 9);
    expect(curve.fpr.length).toBeLessThan(53);
  });
});

describe('aupro', () => {
  test("in mode 'minmax200' equals the worked example of the PointAD specification", () => {
    const labels = [
      draw('........', '.##.....', '.##.....', '...#....', '........', '........', '......#.', '........'),
      draw('........', '........', '........', '........', '........', '##......', '##......', '##......'),
    ];
    const maps = labels.map((mask, s) => {
      const scores = Float32Array.from(mask.data, (label, pixel) => {
        const [i, j] = [Math.floor(pixel / 8), pixel % 8];
        return ((5 * i + 3 * j + 7 * s) % 11) / 22 + 0.45 * label;
      });
      return mapOf(scores, 8, 8);
    });
    expect(aupro(maps, labels, { mode: 'minmax200' }).value).toBeCloseTo(0.9777778, 7);
  });

  test("in mode 'mvtec3d' equals the evaluation recomputed at every rank", () => {
    fc.assert(
      fc.property(
        smallTestSet,
        fc.integer({ min: 2, max: 120 }),
        fc.constantFrom(0.05, 0.3, 1),
        (set, q, limit) => {
          const { maps, masks } = set;
          const normal = maps.flatMap(({ data }, image) =>
            Array.from(data).filter((_, i) => masks[image].data[i] === 0),
          );
          normal.sort((a, b) => a - b);
          const points = Array.from({ length: q }, (_, i) => {
            const position =
              i === q - 1 ? normal.length - 1 : Math.floor(i * ((normal.length - 1) / (q - 1)));
            const { pro } = ratesFromScratch(maps, masks, (score) => score > normal[position]);
            return { fpr: 1 - (position + 1) / normal.length, pro };
          }).reverse();
          points.push({ fpr: 1, pro: 1 });
          const area = trapezoids(
            points.map(({ fpr }) => fpr),
            points.map(({ pro }) => pro),
            limit,
          );
          const result = aupro(maps, masks, { numThresholds: q, fprLimit: limit });
          expect(result.value).toBeCloseTo(area / limit, 9);
        },
      ),
      { seed: 9 },
    );
  });

  test("in mode 'exact' equals the evaluation recomputed at every different score", () => {
    fc.assert(
      fc.property(smallTestSet, fc.constantFrom(0.05, 0.3, 1), ({ maps, masks }, fprLimit) => {
        const scores = [...new Set(maps.flatMap(({ data }) => Array.from(data)))].sort((a, b) => b - a);
        const points = scores.map((threshold) =>
          ratesFromScratch(maps, masks, (score) => score >= threshold),
        );
        const area = trapezoids(
          [0, ...points.map(({ fpr }) => fpr)],
          [0, ...points.map(({ pro }) => pro)],
          fprLimit,
        );
        expect(aupro(maps, masks, { mode: 'exact', fprLimit }).value).toBeCloseTo(area / fprLimit, 9);
      }),
      { seed: 10 },
    );
  });

  test("in mode 'minmax200' equals the evaluation recomputed at 200 thresholds", () => {
    fc.assert(
      fc.property(smallTestSet, fc.constantFrom(0.3, 1), ({ maps, masks }, fprLimit) => {
        const scores = maps.flatMap(({ data }) => Array.from(data));
        const [lowest, highest] = [Math.min(...scores), Math.max(...scores)];
        const kept = Array.from({ length: 200 }, (_, i) => lowest + i * ((highest - lowest) / 200))
          .map((threshold) => ratesFromScratch(maps, masks, (score) => score > threshold))
          .filter(({ fpr }) => fpr < fprLimit)
          .reverse();
        const range = kept.length > 0 ? kept[kept.length - 1].fpr - kept[0].fpr : 0;
        const run = () => aupro(maps, masks, { mode: 'minmax200', fprLimit }).value;
        if (range === 0) {
          expect(run).toThrow(/two different false positive rates.*mode 'exact'/);
        } else {
          const area = trapezoids(
            kept.map(({ fpr }) => (fpr - kept[0].fpr) / range),
            kept.map(({ pro }) => pro),
          );
          expect(run()).toBeCloseTo(area, 9);
        }
      }),
      { seed: 11 },
    );
  });

  test("in modes 'exact' and 'mvtec3d' does not change when scores are mapped by a rising function", () => {
    fc.assert(
      fc.property(
        smallTestSet,
        fc.constantFrom('exact' as const, 'mvtec3d' as const),
        ({ maps, masks }, mode) => {
          const cubed = maps.map(({ data, shape: [h, w] }) =>
            mapOf(
              Float64Array.from(data, (s) => s ** 3 + s),
              h,
              w,
            ),
          );
          expect(aupro(cubed, masks, { mode }).value).toBeCloseTo(aupro(maps, masks, { mode }).value, 12);
        },
      ),
      { seed: 12 },
    );
    const { maps, masks } = specificationMaps();
    const bent = specificationMaps((score) => score ** 3);
    const change =
      aupro(bent.maps, masks, { mode: 'minmax200' }).value - aupro(maps, masks, { mode: 'minmax200' }).value;
    expect(Math.abs(change)).toBeGreaterThan(1e-4);
  });

  test('does not depend on the order of the images, nor in mode exact on every image being there twice', () => {
    fc.assert(
      fc.property(
        smallTestSet,
        fc.constantFrom('exact' as const, 'mvtec3d' as const),
        ({ maps, masks }, mode) => {
          const { value } = aupro(maps, masks, { mode });
          expect(aupro(maps.toReversed(), masks.toReversed(), { mode }).value).toBeCloseTo(value, 12);
          if (mode === 'exact') {
            expect(aupro([...maps, ...maps], [...masks, ...masks], { mode }).value).toBeCloseTo(value, 12);
          }
        },
      ),
      { seed: 13 },
    );
  });

  test.each(modes)('in mode %s is 1 for one region in perfect order', (mode) => {
    const mask = draw('....', '.##.', '....');
    const scores = Float32Array.from(mask.data, (label, i) => 10 * label + i / 100);
    expect(aupro([mapOf(scores, 3, 4)], [mask], { mode }).value).toBeCloseTo(1, 12);
  });

  test('is half the limit where PRO equals FPR, at every limit', () => {
    // Scores 0…9 once in the region and once outside.
    const map = mapOf(Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), 2, 10);
    const mask = draw('##########', '..........');
    for (const fprLimit of [0.05, 0.3, 1]) {
      expect(aupro([map], [mask], { mode: 'exact', fprLimit }).value).toBeCloseTo(fprLimit / 2, 12);
    }
  });

  test('with all scores equal is half the limit in mode exact, 0 in mvtec3d, and refused in minmax200', () => {
    const flat = mapOf(new Float32Array(16), 4, 4);
    const mask = draw('....', '.##.', '....', '....');
    expect(aupro([flat], [mask], { mode: 'exact' }).value).toBeCloseTo(0.15, 12);
    expect(aupro([flat], [mask]).value).toBe(0);
    expect(() => aupro([flat], [mask], { mode: 'minmax200' })).toThrow(/raise fprLimit, or use mode 'exact'/);
  });

  test.each(modes)('in mode %s is NaN with the reason without a region or a normal pixel', (mode) => {
    const map = mapOf(new Float32Array(4), 2, 2);
    const noRegion = aupro([map], [draw('..', '..')], { mode });
    expect(noRegion).toMatchObject({ value: NaN, regions: 0, undefined: ['AUPRO: no anomalous region'] });
    const noNormal = aupro([map], [draw('##', '##')], { mode });
    expect(noNormal).toMatchObject({ value: NaN, regions: 1, undefined: ['AUPRO: no normal element'] });
    expect(aupro([], [], { mode }).value).toBeNaN();
  });

  test('lets a mask that covers its image be a region', () => {
    const maps = [mapOf(Float32Array.of(5, 0), 1, 2), mapOf(Float32Array.of(1, 2, 3, 4), 1, 4)];
    // FPR steps at 4, 3, 2, 1; PRO is 1/2 from 5 on and 1 from 0 on only.
    expect(aupro(maps, [draw('##'), draw('....')], { mode: 'exact', fprLimit: 1 }).value).toBeCloseTo(
      0.5,
      12,
    );
  });

  test('ranks infinities like any score', () => {
    const map = mapOf(Float32Array.of(Infinity, 0, -Infinity, 1), 1, 4);
    expect(aupro([map], [draw('#...')], { mode: 'exact' }).value).toBeCloseTo(1, 12);
    expect(aupro([map], [draw('#...')]).value).toBeCloseTo(1, 12);
    expect(() => aupro([map], [draw('#...')], { mode: 'minmax200' })).toThrow(/mode 'exact'/);
  });

  test('leaves the pixels of regions below minRegionSize out on both sides', () => {
    const map = mapOf(Float32Array.of(9, 1, 1, 5, 5, 3), 1, 6);
    const both = draw('#..##.');
    // Without the single pixel: region {5, 5}, normal {1, 1, 3}: perfect. As normal it would spoil the order.
    expect(aupro([map], [both], { mode: 'exact', minRegionSize: 2 })).toMatchObject({ value: 1, regions: 1 });
  });

  test("with pixels 'valid' counts only pixels that hold a point, and keeps a region with a hole in one piece", () => {
    const map = mapOf(Float32Array.of(NaN, 1, 4, NaN, 5, 2), 1, 6);
    const options = { mode: 'exact', pixels: 'valid', valid: [draw('.##.##')] } as const;
    expect(aupro([map], [draw('..###.')], options)).toMatchObject({ value: 1, regions: 1 });
    expect(() => aupro([map], [draw('..###.')], { pixels: 'valid' })).toThrow(/valid masks/);
  });

  test.each(modes)('in mode %s notices NaN anywhere, of either sign', (mode) => {
    const negativeNan = new Float32Array(Uint32Array.of(0xffc00000).buffer)[0];
    for (const nan of [NaN, negativeNan]) {
      for (const place of [0, 3, 5]) {
        for (const Type of [Float32Array, Float64Array]) {
          const { maps, masks } = specificationMaps();
          const data = Type.from(maps[0].data);
          data[32 + place] = nan; // normal for columns below 3, else anomalous
          maps[0] = mapOf(data, 16, 16);
          expect(() => aupro(maps, masks, { mode })).toThrow(/NaN at index/);
          const ranked = aupro(maps, masks, { mode: 'exact', nan: 'lowest' }).value;
          if (mode === 'mvtec3d') {
            data[32 + place] = -9;
            expect(aupro(maps, masks, { mode: 'exact' }).value).toBe(ranked);
            const lowest = aupro(maps, masks).value;
            data[32 + place] = nan;
            expect(aupro(maps, masks, { nan: 'lowest' }).value).toBe(lowest);
          }
        }
      }
    }
  });

  test('reads strided and offset views like contiguous maps', () => {
    const { maps, masks } = specificationMaps();
    const turned = <Data extends Float64Array | Uint8Array>(data: Data): Data => {
      const result = data.slice(0, 0).constructor as new (length: number) => Data;
      const values = new result(2 * 256 + 3);
      for (let i = 0; i < 16; i++)
        for (let j = 0; j < 16; j++) values[3 + 2 * (16 * j + i)] = data[16 * i + j];
      return values;
    };
    const view = { shape: [16, 16], stride: [2, 32], offset: 3 };
    const stridedMaps: ScoreMap[] = maps.map(({ data }) => ({ ...view, data: turned(data as Float64Array) }));
    const stridedMasks: MaskMap[] = masks.map(({ data }) => ({ ...view, data: turned(data) }));
    for (const mode of modes) {
      expect(aupro(stridedMaps, stridedMasks, { mode })).toEqual(aupro(maps, masks, { mode }));
    }
  });

  test('refuses options and sizes that cannot work', () => {
    const maps = [mapOf(new Float32Array(4), 2, 2)];
    const masks = [draw('#.', '..')];
    expect(() => aupro(maps, masks, { mode: 'best' as 'exact' })).toThrow(/mode to be/);
    expect(() => aupro(maps, masks, { fprLimit: 0 })).toThrow(/fprLimit in \(0, 1\]/);
    expect(() => aupro(maps, masks, { numThresholds: 1 })).toThrow(/numThresholds/);
    expect(() => aupro(maps, [draw('#..')])).toThrow(
      /image 0: expected the shape of its map, \[2, 2\], got \[1, 3\]/,
    );
  });
});
