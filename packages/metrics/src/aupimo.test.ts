import { describe, expect, test } from 'vitest';
import { type AupimoOptions, aupimo } from './aupimo.js';
import { draw, mapOf, maskOf, specificationMaps } from './fixtures.js';
import type { MaskMap, ScoreMap } from './inputs.js';

/** Four normal images, one of another size, and two anomalous ones; scores are random and a little tied. */
function testSet() {
  let state = 5;
  const random = () => {
    state = (1664525 * state + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
  const maps: ScoreMap[] = [];
  const masks: MaskMap[] = [];
  for (const [image, size] of [20, 24, 20, 20, 20, 20].entries()) {
    const mask = maskOf(
      Array.from({ length: size * size }, (_, i) =>
        image >= 4 && i % size < 2 + image && i > 5 * size ? 1 : 0,
      ),
      size,
      size,
    );
    masks.push(mask);
    const scores = Float32Array.from(
      mask.data,
      (label) => Math.floor(3000 * (random() + 0.6 * label)) / 3000,
    );
    maps.push(mapOf(scores, size, size));
  }
  return { maps, masks };
}

const { maps, masks } = testSet();
const options: AupimoOptions = { bounds: [0.01, 0.2], numThresholds: 5000 };

/** Share of the counted pixels of an image with score ≥ threshold. */
function shareFrom(image: number, threshold: number, label: number): number {
  const counted = Array.from(maps[image].data).filter((_, i) => masks[image].data[i] === label);
  return counted.filter((score) => score >= threshold).length / counted.length;
}

function sharedFpr(threshold: number): number {
  return [0, 1, 2, 3].reduce((sum, image) => sum + shareFrom(image, threshold, 0) / 4, 0);
}

describe('aupimo', () => {
  test("with 'linspace' equals the reference procedure carried out step by step", () => {
    const normal = maps.slice(0, 4).flatMap(({ data }) => Array.from(data));
    const [lowest, highest] = [Math.min(...normal), Math.max(...normal)];
    const count = 1500;
    const thresholds = Array.from({ length: count }, (_, i) =>
      i === count - 1 ? highest : lowest + i * ((highest - lowest) / (count - 1)),
    );
    const fpr = thresholds.map(sharedFpr);
    const closest = (target: number) => {
      const distances = fpr.map((rate) => Math.abs(rate - target));
      return distances.findIndex((distance) => distance - Math.min(...distances) < 1e-12);
    };
    const [from, to] = [closest(0.2), closest(0.01)];
    const result = aupimo(maps, masks, { bounds: [0.01, 0.2], numThresholds: count });
    expect(result.points).toBe(to - from + 1);
    for (const image of [4, 5]) {
      let area = 0;
      for (let k = from; k < to; k++) {
        const heights = shareFrom(image, thresholds[k], 1) + shareFrom(image, thresholds[k + 1], 1);
        area += ((Math.log(fpr[k]) - Math.log(fpr[k + 1])) * heights) / 2;
      }
      expect(result.perImage[image]).toBeCloseTo(area / Math.log(20), 9);
    }
    expect(result.mean).toBeCloseTo((result.perImage[4] + result.perImage[5]) / 2, 12);
    expect(Array.from(result.perImage.subarray(0, 4))).toEqual([NaN, NaN, NaN, NaN]);
  });

  test("with 'exact' integrates the curve through every score between the bounds", () => {
    const result = aupimo(maps, masks, { ...options, thresholds: 'exact' });
    const distinct = [...new Set(maps.slice(0, 4).flatMap(({ data }) => Array.from(data)))].sort(
      (a, b) => b - a,
    );
    const logs = distinct.map((threshold) => Math.log(sharedFpr(threshold)));
    const [lower, upper] = [Math.log(0.01), Math.log(0.2)];
    for (const image of [4, 5]) {
      const heights = distinct.map((threshold) => shareFrom(image, threshold, 1));
      let area = 0;
      for (let k = 1; k < distinct.length; k++) {
        const [from, to] = [Math.max(lower, logs[k - 1]), Math.min(upper, logs[k])];
        if (to <= from) continue;
        const heightAt = (x: number) =>
          heights[k - 1] + ((heights[k] - heights[k - 1]) * (x - logs[k - 1])) / (logs[k] - logs[k - 1]);
        area += ((to - from) * (heightAt(from) + heightAt(to))) / 2;
      }
      expect(result.perImage[image]).toBeCloseTo(area / (upper - lower), 9);
    }
    expect(result.points).toBe(logs.filter((log) => log >= lower && log <= upper).length);
  });

  test("'linspace' approaches 'exact' with many thresholds", () => {
    const exact = aupimo(maps, masks, { ...options, thresholds: 'exact' });
    const even = aupimo(maps, masks, { ...options, numThresholds: 300_000 });
    // What remains is at the ends: one pixel of 1776 moves ln FPR by 6 % at 0.01, of a range of ln 20 = 3.
    expect(Math.abs(exact.mean - even.mean)).toBeLessThan(0.02);
    expect(exact.mean).toBeGreaterThan(0.1);
    expect(even.inaccurate).toBe(false);
  });

  test.each(['linspace', 'exact'] as const)(
    'with %s is 1 when every anomalous pixel is above all, 0 below all',
    (t) => {
      const shifted = (shift: number) =>
        maps.map(({ data }, image) => {
          const [h, w] = maps[image].shape;
          return mapOf(
            Float32Array.from(data, (score, i) => score + shift * masks[image].data[i]),
            h,
            w,
          );
        });
      expect(aupimo(shifted(9), masks, { ...options, thresholds: t }).mean).toBeCloseTo(1, 1);
      expect(aupimo(shifted(-9), masks, { ...options, thresholds: t }).mean).toBe(0);
    },
  );

  test('does not look at the normal pixels of anomalous images', () => {
    const changed = maps.map(({ data, shape: [h, w] }, image) =>
      mapOf(
        Float32Array.from(data, (score, i) => (image >= 4 && masks[image].data[i] === 0 ? 99 : score)),
        h,
        w,
      ),
    );
    expect(aupimo(changed, masks, options)).toEqual(aupimo(maps, masks, options));
  });

  test('refuses fewer than 30 points unless forced, and marks fewer than 300 as inaccurate', () => {
    expect(() => aupimo(maps, masks, { ...options, numThresholds: 50 })).toThrow(
      /at least 30 thresholds.*force: true/,
    );
    const forced = aupimo(maps, masks, { ...options, numThresholds: 50, force: true });
    expect(forced.points).toBeLessThan(30);
    expect(forced.inaccurate).toBe(true);
    expect(forced.mean).toBeGreaterThan(0);
  });

  test('is NaN with the reason where images of one kind, or enough normal pixels, are missing', () => {
    expect(aupimo(maps.slice(0, 4), masks.slice(0, 4), options)).toMatchObject({
      mean: NaN,
      undefined: ['AUPIMO: no anomalous image'],
    });
    expect(aupimo(maps.slice(4), masks.slice(4), options)).toMatchObject({
      mean: NaN,
      undefined: ['AUPIMO: no normal image'],
    });
    const { maps: few, masks: fewMasks } = specificationMaps();
    expect(aupimo(few, fewMasks).undefined[0]).toMatch(/256 pixels in normal images cannot show/);
    expect(aupimo([], []).undefined).toHaveLength(2);
  });

  test('normal images of equal or of infinite scores have no range, which is said', () => {
    const flat = [mapOf(new Float32Array(16), 4, 4), mapOf(new Float32Array(16), 4, 4)];
    const pair = [draw('....', '....', '....', '....'), draw('##..', '....', '....', '....')];
    expect(() => aupimo(flat, pair, options)).toThrow(/at least 30 thresholds/);
    flat[0].data[3] = Infinity;
    expect(() => aupimo(flat, pair, options)).toThrow(/at least 30 thresholds/);
  });

  test('refuses bounds that are no range', () => {
    expect(() => aupimo(maps, masks, { bounds: [0.1, 0.1] })).toThrow(/0 < lower < upper ≤ 1/);
    expect(() => aupimo(maps, masks, { bounds: [0, 0.1] })).toThrow(/0 < lower < upper ≤ 1/);
  });
});
