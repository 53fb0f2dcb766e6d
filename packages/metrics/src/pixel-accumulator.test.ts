import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { draw, mapOf, smallTestSet, specificationMaps } from './fixtures.js';
import type { MaskMap, ScoreMap } from './inputs.js';
import { createPixelAccumulator, type PixelAccumulator } from './pixel-accumulator.js';
import { pixelMetrics } from './pixel-metrics.js';
import { type HistogramOptions, scoreRange } from './score-histogram.js';

function addAll<Metrics>(
  accumulator: PixelAccumulator<Metrics>,
  maps: readonly ScoreMap[],
  masks: readonly MaskMap[],
): PixelAccumulator<Metrics> {
  for (const [image, map] of maps.entries()) accumulator.add(map, masks[image]);
  return accumulator;
}

describe('the exact accumulator', () => {
  test('gives what pixelMetrics gives, in one piece or merged from two, in any order', () => {
    fc.assert(
      fc.property(
        smallTestSet,
        fc.constantFrom('mvtec3d' as const, 'exact' as const),
        ({ maps, masks }, mode) => {
          const expected = pixelMetrics(maps, masks, { mode });
          const whole = addAll(createPixelAccumulator({ mode }), maps, masks);
          expect(whole.result()).toEqual(expected);

          const half = Math.floor(maps.length / 2);
          const second = addAll(createPixelAccumulator({ mode }), maps.slice(half), masks.slice(half));
          second.merge(addAll(createPixelAccumulator({ mode }), maps.slice(0, half), masks.slice(0, half)));
          const merged = second.result();
          expect(merged).toMatchObject({ auroc: expected.auroc, ap: expected.ap, regions: expected.regions });
          expect(merged.aupro.value).toBeCloseTo(expected.aupro.value, 12);
        },
      ),
      { seed: 40 },
    );
  });

  test('may be asked in between, and leaves what it merges as it is', () => {
    const { maps, masks } = specificationMaps();
    const accumulator = addAll(createPixelAccumulator(), maps.slice(0, 2), masks.slice(0, 2));
    const other = addAll(createPixelAccumulator(), maps.slice(2), masks.slice(2));
    expect(accumulator.result()).toEqual(pixelMetrics(maps.slice(0, 2), masks.slice(0, 2)));
    accumulator.merge(other);
    expect(accumulator.result()).toEqual(pixelMetrics(maps, masks));
    expect(other.result().normalPixels).toBe(256);
  });

  test('does not mind the memory of a map being used again', () => {
    const { maps, masks } = specificationMaps();
    const accumulator = createPixelAccumulator();
    const map = mapOf(new Float64Array(256), 16, 16);
    for (const [image, { data }] of maps.entries()) {
      map.data.set(data);
      accumulator.add(map, masks[image]);
    }
    expect(accumulator.result()).toEqual(pixelMetrics(maps, masks));
  });

  test('counts only valid pixels where it is told which', () => {
    const [map, mask, valid] = [mapOf([NaN, 1, 2, 3], 1, 4), draw('...#'), draw('.###')];
    const accumulator = createPixelAccumulator();
    accumulator.add(map, mask, valid);
    expect(accumulator.result()).toEqual(pixelMetrics([map], [mask], { pixels: 'valid', valid: [valid] }));
  });

  test('is empty at first', () => {
    expect(createPixelAccumulator().result()).toEqual(pixelMetrics([], []));
  });
});

describe('the histogram accumulator', () => {
  const kinds: Omit<HistogramOptions, 'bins'>[] = [
    { range: [-1, 1] },
    { range: [-0.3, 0.4], keepAnomalous: true },
    { edges: 'quantile', sampleSize: 20 },
    { edges: 'quantile', keepAnomalous: true },
  ];

  test('bounds the exact metrics for certain, its value between them', () => {
    fc.assert(
      fc.property(
        smallTestSet,
        fc.constantFrom(...kinds),
        fc.integer({ min: 2, max: 12 }),
        fc.constantFrom(0.05, 0.3, 1),
        ({ maps, masks }, kind, bins, fprLimit) => {
          const exact = pixelMetrics(maps, masks, { mode: 'exact', fprLimit });
          const result = addAll(createPixelAccumulator({ ...kind, bins, fprLimit }), maps, masks).result();
          const pairs = [
            [result.auroc, exact.auroc],
            [result.ap, exact.ap],
            [result.f1Max, exact.f1Max.value],
            [result.aupro, exact.aupro.value],
          ] as const;
          for (const [{ value, lower, upper }, truth] of pairs) {
            expect(lower).toBeLessThanOrEqual(truth + 1e-12);
            expect(upper).toBeGreaterThanOrEqual(truth - 1e-12);
            expect(lower).toBeLessThanOrEqual(value + 1e-12);
            expect(upper).toBeGreaterThanOrEqual(value - 1e-12);
          }
          expect(result).toMatchObject({
            normalPixels: exact.normalPixels,
            anomalousPixels: exact.anomalousPixels,
            regions: exact.regions,
          });
        },
      ),
      { seed: 41, numRuns: 400 },
    );
  });

  test('is exact when every different score has a bin of its own', () => {
    const { maps, masks } = specificationMaps((score) => Math.floor(20 * score) / 20);
    const edges = Float64Array.from({ length: 19 }, (_, i) => (i + 1) / 20 - 0.01);
    const options = { bins: 20, edges, keepAnomalous: true };
    const { auroc, ap, f1Max, aupro } = addAll(createPixelAccumulator(options), maps, masks).result();
    expect(auroc.value).toBeCloseTo(0.9522973515, 9);
    expect(ap.value).toBeCloseTo(0.7984216457, 9);
    expect(aupro.value).toBeCloseTo(0.7979259189, 9);
    expect(f1Max.value).toBeCloseTo(0.8085106383, 9);
    expect(f1Max.threshold).toBeCloseTo(0.59, 12);
  });

  test('has AUROC bounds of Σ n p / (2 N P) on either side, narrower with more bins', () => {
    // Bin 0: scores 0, 1 normal and 1 anomalous; bin 1: 2 normal and 1 anomalous.
    const map = mapOf([0, 0.1, 1, 1.1, 1.2], 1, 5);
    const accumulator = createPixelAccumulator({ bins: 2, range: [0, 2] });
    accumulator.add(map, draw('.##..'));
    const { auroc } = accumulator.result();
    // Pairs decided: none; undecided: 1 + 2 of 6, and the upper anomalous pixel beats the lower normal one.
    expect(auroc.value).toBeCloseTo((1 + 1.5) / 6, 12);
    expect([auroc.lower, auroc.upper].map((value) => value * 6)).toEqual([
      expect.closeTo(1),
      expect.closeTo(4),
    ]);
  });

  test('with 4096 quantile bins knows AUROC to 1e-4', () => {
    const { maps, masks } = largeTestSet();
    const exact = pixelMetrics(maps, masks, { mode: 'exact' });
    const options = { bins: 4096, edges: 'quantile', sampleSize: 20_000 } as const;
    const { auroc, aupro } = addAll(createPixelAccumulator(options), maps, masks).result();
    expect(auroc.upper - auroc.lower).toBeLessThan(2e-4);
    expect(Math.abs(auroc.value - exact.auroc)).toBeLessThan(1e-4);
    expect(aupro.upper - aupro.lower).toBeLessThan(0.01);
    expect(Math.abs(aupro.value - exact.aupro.value)).toBeLessThan(1e-3);
  });

  test('knows AP better when it keeps the anomalous scores', () => {
    const { maps, masks } = largeTestSet();
    const [without, kept] = [false, true].map((keepAnomalous) =>
      addAll(createPixelAccumulator({ bins: 64, range: [0, 2], keepAnomalous }), maps, masks).result(),
    );
    expect(kept.ap.upper - kept.ap.lower).toBeLessThan(without.ap.upper - without.ap.lower);
    expect(kept.ap.value).toBe(without.ap.value);
  });

  test('merges with another of the same edges into what one would have been', () => {
    const { maps, masks } = largeTestSet();
    const options = { bins: 50, range: scoreRange(maps), keepAnomalous: true };
    const whole = addAll(createPixelAccumulator(options), maps, masks).result();
    const second = addAll(createPixelAccumulator(options), maps.slice(3), masks.slice(3));
    second.merge(addAll(createPixelAccumulator(options), maps.slice(0, 3), masks.slice(0, 3)));
    const merged = second.result();
    expect(merged.auroc).toEqual(whole.auroc);
    expect(merged.f1Max).toEqual(whole.f1Max);
    expect(merged.aupro.value).toBeCloseTo(whole.aupro.value, 12);
    expect(merged.ap.lower).toBeCloseTo(whole.ap.lower, 12);
  });

  test('of quantiles merges while the edges are open, and afterwards only with equal edges', () => {
    const { maps, masks } = largeTestSet();
    const options = { bins: 16, edges: 'quantile' } as const;
    const build = (from: number, to: number) =>
      addAll(createPixelAccumulator(options), maps.slice(from, to), masks.slice(from, to));
    const open = build(0, 2);
    open.merge(build(2, 4));
    expect(open.result()).toEqual(build(0, 4).result());
    // Two half samples make a whole one: from then on the images are counted, not kept.
    const half = { bins: 16, edges: 'quantile', sampleSize: 10_000 } as const;
    const [first, second] = [createPixelAccumulator(half), createPixelAccumulator(half)];
    first.add(maps[0], masks[0]);
    second.add(maps[1], masks[1]);
    first.merge(second);
    first.add(maps[2], masks[2]);
    expect(first.result().edges).toEqual(build(0, 2).result().edges);
    const fixed = build(4, 6);
    fixed.result();
    expect(() => open.merge(fixed)).toThrow(/same edges in both/);
    const { edges } = open.result();
    const follower = createPixelAccumulator({ bins: 16, edges });
    addAll(follower, maps, masks);
    expect(follower.result().edges).toEqual(edges);
  });

  test('is NaN with a reason for what is undefined', () => {
    const accumulator = createPixelAccumulator({ bins: 4, edges: 'quantile' });
    expect(accumulator.result()).toMatchObject({
      auroc: { value: NaN },
      ap: { lower: NaN },
      aupro: { upper: NaN },
    });
    accumulator.add(mapOf([1, 2], 1, 2), draw('##'));
    const result = accumulator.result();
    expect(result).toMatchObject({
      auroc: { value: NaN },
      ap: { value: 1, lower: 1, upper: 1 },
      f1Max: { value: 1 },
    });
    expect(result.undefined).toEqual(['AUROC: no normal pixel', 'AUPRO: no normal element']);
  });

  test('refuses options that do not say where the bins lie, and accumulators of other options', () => {
    expect(() => createPixelAccumulator({ bins: 4 })).toThrow(/either range or edges/);
    expect(() => createPixelAccumulator({ bins: 1, range: [0, 1] })).toThrow(/bins/);
    expect(() => createPixelAccumulator({ bins: 4, range: [1, 1] })).toThrow(/lowest < highest/);
    expect(() => createPixelAccumulator({ bins: 4, edges: Float64Array.of(1, 3, 2) })).toThrow(
      /3 ascending edges/,
    );
    const accumulator = createPixelAccumulator({ bins: 4, range: [0, 1] });
    expect(() => accumulator.merge(createPixelAccumulator({ bins: 5, range: [0, 1] }))).toThrow(/options/);
    expect(() => accumulator.merge(accumulator)).toThrow(/another histogram accumulator/);
    expect(() => createPixelAccumulator().merge(createPixelAccumulator({ mode: 'exact' }))).toThrow(
      /options/,
    );
  });
});

test('scoreRange is the range of the finite scores of any iterable of maps', () => {
  function* maps() {
    yield mapOf([3, Infinity], 1, 2);
    yield mapOf([NaN, -2], 1, 2);
  }
  expect(scoreRange(maps())).toEqual([-2, 3]);
  expect(() => scoreRange([])).toThrow(/at least one finite score/);
});

/** Six images of 80 × 80 with a square defect each, whose scores are higher by one half. */
function largeTestSet() {
  let state = 9;
  const maps: ScoreMap[] = [];
  const masks: MaskMap[] = [];
  for (let image = 0; image < 6; image++) {
    const rows = Array.from({ length: 80 }, (_, row) =>
      Array.from({ length: 80 }, (_, column) =>
        Math.abs(row - 20 - 5 * image) < 6 && Math.abs(column - 30) < 8 ? '#' : '.',
      ).join(''),
    );
    const mask = draw(...rows);
    const scores = Float32Array.from(mask.data, (label) => {
      state = (1664525 * state + 1013904223) % 2 ** 32;
      return state / 2 ** 32 + 0.5 * label;
    });
    masks.push(mask);
    maps.push(mapOf(scores, 80, 80));
  }
  return { maps, masks };
}
