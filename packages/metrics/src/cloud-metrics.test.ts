import { describe, expect, test } from 'vitest';
import { cloudMetrics, type ScoredCloud } from './cloud-metrics.js';
import { draw, mapOf, specificationMaps } from './fixtures.js';
import { pixelMetrics } from './pixel-metrics.js';

/** The pixels of a test set as points of flat clouds, one unit apart. */
function asClouds({ maps, masks }: ReturnType<typeof specificationMaps>): ScoredCloud[] {
  return maps.map(({ data: scores, shape: [, width] }, image) => ({
    scores,
    labels: masks[image].data,
    positions: Float32Array.from(
      Array.from(scores.keys()).flatMap((pixel) => [pixel % width, Math.floor(pixel / width), 0]),
    ),
  }));
}

describe('cloudMetrics', () => {
  test('of a flat grid with edges to the 8 neighbours equals pixelMetrics of the image', () => {
    const set = specificationMaps();
    const onGrid = pixelMetrics(set.maps, set.masks, { mode: 'exact' });
    // Diagonal neighbours are √2 apart.
    const result = cloudMetrics(asClouds(set), { radiusFactor: 1.5 });
    expect(result.regions).toBe(3);
    expect(result).toMatchObject({ normalPoints: 712, anomalousPoints: 56, undefined: [] });
    expect(result.auroc).toBe(onGrid.auroc);
    expect(result.ap).toBe(onGrid.ap);
    expect(result.f1Max).toEqual(onGrid.f1Max);
    expect(result.aupro.value).toBeCloseTo(0.7984550562, 9);
    expect(cloudMetrics(asClouds(set), { radiusFactor: 1.2 }).regions).toBe(4);
    expect(cloudMetrics(asClouds(set), { radiusFactor: 1.5, fprLimit: 0.05 }).aupro.value).toBeCloseTo(
      0.6954588015,
      9,
    );
  });

  test("weights 'area' make up for one half being sampled four times as densely", () => {
    // A line: 40 points 1 apart (area 1 each… by their neighbours), and 160 points 1/4 apart.
    const x = [
      ...Array.from({ length: 40 }, (_, i) => i),
      ...Array.from({ length: 160 }, (_, i) => 100 + i / 4),
    ];
    const positions = Float32Array.from(x.flatMap((value) => [value, 0, 0]));
    // One region of 10 points at the end of the coarse half; half of it scores above everything.
    const labels = Uint8Array.from(x, (_, i) => (i < 10 ? 1 : 0));
    const scores = Float64Array.from(x, (_, i) => (i < 5 ? 3 : i < 10 ? 0 : i < 40 ? 2 : 1));
    const cloud = { scores, labels, positions };
    const options = { radiusFactor: 6, fprLimit: 1 };
    const counted = cloudMetrics([cloud], options);
    // FPR jumps to 30 / 190 with the coarse normal points and to 1 with the fine ones; PRO stays at its half.
    expect(counted.aupro.curve.fpr[2]).toBeCloseTo(30 / 190, 12);
    const weighted = cloudMetrics([cloud], { ...options, weights: 'area' });

    const areaOf = (i: number) => {
      const nearest = x.map((value) => Math.abs(value - x[i])).sort((a, b) => a - b);
      return (nearest.slice(1, 5).reduce((sum, value) => sum + value, 0) / 4) ** 2;
    };
    const total = (from: number, to: number) => {
      let sum = 0;
      for (let i = from; i < to; i++) sum += areaOf(i);
      return sum;
    };
    expect(weighted.aupro.curve.fpr[2]).toBeCloseTo(total(10, 40) / total(10, 200), 12);
    expect(weighted.aupro.curve.pro[1]).toBeCloseTo(total(0, 5) / total(0, 10), 12);
    expect(weighted.aupro.curve.fpr[2]).toBeGreaterThan(0.7);
    expect(weighted.auroc).toBe(counted.auroc);
  });

  test('weights by area are defined where points coincide', () => {
    const positions = new Float32Array(3 * 12);
    positions.fill(1, 18);
    const labels = Uint8Array.of(1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0);
    const scores = Float32Array.from(labels);
    const { aupro, regions } = cloudMetrics([{ scores, labels, positions }], { weights: 'area' });
    expect(regions).toBe(1);
    expect(aupro.value).toBeCloseTo(1, 12);
  });

  test('regions never cross clouds', () => {
    const cloud = asClouds({ maps: [mapOf([1, 0], 1, 2)], masks: [draw('#.')] })[0];
    expect(cloudMetrics([cloud, cloud]).regions).toBe(2);
  });

  test('is NaN with a reason for what is undefined', () => {
    const points = { scores: Float32Array.of(1, 2), positions: Float32Array.of(0, 0, 0, 1, 0, 0) };
    expect(cloudMetrics([{ ...points, labels: Uint8Array.of(0, 0) }])).toMatchObject({
      auroc: NaN,
      aupro: { value: NaN },
      undefined: [
        'AUROC: no anomalous point',
        'AP: no anomalous point',
        'F1-max: no anomalous point',
        'AUPRO: no anomalous region',
      ],
    });
    expect(cloudMetrics([])).toMatchObject({ auroc: NaN, regions: 0 });
    const all = { ...points, labels: Uint8Array.of(1, 1) };
    expect(cloudMetrics([all], { weights: 'area' })).toMatchObject({ ap: 1, aupro: { value: NaN } });
  });

  test('throws with the number of the cloud', () => {
    const good = { scores: Float32Array.of(1), labels: Uint8Array.of(1), positions: new Float32Array(3) };
    expect(() => cloudMetrics([good, { ...good, scores: Float32Array.of(NaN) }])).toThrow(
      /cloud 1: .*NaN at point 0/,
    );
    expect(() => cloudMetrics([{ ...good, labels: new Uint8Array(2) }])).toThrow(
      /cloud 0: expected 1 labels/,
    );
    expect(() => cloudMetrics([good], { weights: 'volume' as 'area' })).toThrow(/weights to be/);
  });
});
