// Test data and brute-force oracles of the tests in this folder; not part of the package.
import fc from 'fast-check';
import type { MaskMap, ScoreMap, Scores } from './inputs.js';

/** A map [height, width] over row-major scores. */
export function mapOf(data: Scores | readonly number[], height: number, width: number): ScoreMap {
  const scores = Array.isArray(data) ? Float64Array.from(data) : (data as Scores);
  return { data: scores, shape: [height, width], stride: [width, 1], offset: 0 };
}

/** A mask [height, width] over row-major values. */
export function maskOf(data: Uint8Array | readonly number[], height: number, width: number): MaskMap {
  return { data: Uint8Array.from(data), shape: [height, width], stride: [width, 1], offset: 0 };
}

/** A mask drawn with `.` for 0 and `#` for 1. */
export function draw(...rows: string[]): MaskMap {
  const pixels = rows.flatMap((row) => Array.from(row, (pixel) => (pixel === '#' ? 1 : 0)));
  return maskOf(pixels, rows.length, rows[0].length);
}

/** The three maps of section 14 of the metrics specification, float64. */
export function specificationMaps(change: (score: number) => number = (score) => score) {
  let state = 1;
  const maps: ScoreMap[] = [];
  const masks: MaskMap[] = [];
  for (let image = 0; image < 3; image++) {
    const scores = new Float64Array(256);
    const mask = new Uint8Array(256);
    for (let i = 0; i < 16; i++) {
      for (let j = 0; j < 16; j++) {
        const inFirst =
          (i >= 2 && i < 5 && j >= 3 && j < 8) ||
          (i === 5 && j === 8) ||
          (i >= 10 && i < 14 && j >= 10 && j < 12);
        const anomalous = image === 0 ? inFirst : image === 1 && i >= 7 && i < 9;
        state = (1664525 * state + 1013904223) % 2 ** 32;
        mask[16 * i + j] = anomalous ? 1 : 0;
        const score = (0.5 * state) / 2 ** 32 + (anomalous ? 0.35 : 0) + (0.1 * ((i + j) % 8)) / 8;
        scores[16 * i + j] = change(score);
      }
    }
    maps.push(mapOf(scores, 16, 16));
    masks.push(maskOf(mask, 16, 16));
  }
  return { maps, masks };
}

/** Scores with many ties and labels, both kinds present. */
export const tiedScores = fc
  .array(fc.record({ score: fc.integer({ min: -5, max: 5 }), label: fc.boolean() }), {
    minLength: 2,
    maxLength: 60,
  })
  .filter((items) => items.some(({ label }) => label) && items.some(({ label }) => !label))
  .map((items) => ({
    scores: Float32Array.from(items, ({ score }) => score / 4),
    labels: Uint8Array.from(items, ({ label }) => (label ? 1 : 0)),
  }));

/** A few small images of different sizes with tied scores, at least one region and one normal pixel. */
export const smallTestSet = fc
  .array(
    fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })).chain(([height, width]) =>
      fc.record({
        height: fc.constant(height),
        width: fc.constant(width),
        scores: fc.array(fc.integer({ min: -8, max: 8 }), {
          minLength: height * width,
          maxLength: height * width,
        }),
        mask: fc.array(fc.integer({ min: 0, max: 3 }), {
          minLength: height * width,
          maxLength: height * width,
        }),
      }),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((images) => ({
    maps: images.map(({ scores, height, width }) =>
      mapOf(
        Float32Array.from(scores, (score) => score / 8),
        height,
        width,
      ),
    ),
    // One value in four is anomalous, so that regions stay apart.
    masks: images.map(({ mask, height, width }) =>
      maskOf(
        mask.map((value) => (value === 3 ? 255 : 0)),
        height,
        width,
      ),
    ),
  }))
  .filter(({ masks }) => {
    const pixels = masks.flatMap(({ data }) => Array.from(data));
    return pixels.includes(0) && pixels.includes(255);
  });

/** Regions of a mask by flooding: 0 outside, else 1, 2, … in raster order of the first pixel. */
export function floodRegions({ data, shape: [height, width] }: MaskMap, connectivity: 4 | 8 = 8): number[] {
  const labels = new Array<number>(height * width).fill(0);
  let count = 0;
  for (let seed = 0; seed < labels.length; seed++) {
    if (data[seed] === 0 || labels[seed] !== 0) continue;
    count++;
    const stack = [seed];
    while (stack.length > 0) {
      const pixel = stack.pop() as number;
      if (labels[pixel] !== 0) continue;
      labels[pixel] = count;
      const [row, column] = [Math.floor(pixel / width), pixel % width];
      for (let i = Math.max(0, row - 1); i <= Math.min(height - 1, row + 1); i++) {
        for (let j = Math.max(0, column - 1); j <= Math.min(width - 1, column + 1); j++) {
          const isCorner = i !== row && j !== column;
          if (data[i * width + j] !== 0 && !(isCorner && connectivity === 4)) stack.push(i * width + j);
        }
      }
    }
  }
  return labels;
}

/** FPR and PRO of a test set for one prediction rule, recomputed from scratch. */
export function ratesFromScratch(
  maps: readonly ScoreMap[],
  masks: readonly MaskMap[],
  isPredicted: (score: number) => boolean,
): { fpr: number; pro: number } {
  let [normal, falsePositives] = [0, 0];
  const overlaps: number[] = [];
  for (const [image, map] of maps.entries()) {
    const labels = floodRegions(masks[image]);
    const pixels = labels.map((label, i) => ({ label, predicted: isPredicted(map.data[i]) }));
    normal += pixels.filter(({ label }) => label === 0).length;
    falsePositives += pixels.filter(({ label, predicted }) => label === 0 && predicted).length;
    for (let region = 1; region <= Math.max(...labels); region++) {
      const own = pixels.filter(({ label }) => label === region);
      overlaps.push(own.filter(({ predicted }) => predicted).length / own.length);
    }
  }
  return {
    fpr: falsePositives / normal,
    pro: overlaps.reduce((sum, overlap) => sum + overlap, 0) / overlaps.length,
  };
}

/** Trapezoid area under (x, y), x rising, up to `limit` with y interpolated there. */
export function trapezoids(x: readonly number[], y: readonly number[], limit = Infinity): number {
  let area = 0;
  for (let i = 1; i < x.length; i++) {
    const end = Math.min(x[i], limit);
    if (end <= x[i - 1]) continue;
    const yEnd = y[i - 1] + ((y[i] - y[i - 1]) * (end - x[i - 1])) / (x[i] - x[i - 1]);
    area += ((end - x[i - 1]) * (y[i - 1] + yEnd)) / 2;
  }
  return area;
}
