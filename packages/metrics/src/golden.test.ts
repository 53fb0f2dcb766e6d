// Written with scikit-learn and the official MVTec 3D-AD evaluation; shared/golden/README.md has the tolerances.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { mapOf, maskOf } from './fixtures.js';
import { aupro, auroc, averagePrecision, f1Max, pixelMetrics } from './index.js';

const path = fileURLToPath(new URL('../../../../shared/golden/metrics.safetensors', import.meta.url));

describe.skipIf(!existsSync(path))('the golden file (skipped where ../shared is absent)', () => {
  test('AUROC, AP and F1-max of score lists equal scikit-learn', () => {
    const golden = readGolden();
    const sets = setsWith(golden, 'labels');
    expect(sets.length).toBeGreaterThan(0);
    for (const set of sets) {
      const scores = golden.float32(`${set}.scores`);
      const labels = golden.bytes(`${set}.labels`);
      expectWithin(1e-9, auroc(scores, labels), golden.scalar(`${set}.auroc`));
      expectWithin(1e-9, averagePrecision(scores, labels), golden.scalar(`${set}.ap`));
      expectWithin(1e-9, f1Max(scores, labels).value, golden.scalar(`${set}.f1_max`));
    }
  });

  test('AUPRO at both limits, pixel AUROC and pixel AP of maps equal the official evaluation', () => {
    const golden = readGolden();
    const sets = setsWith(golden, 'gt');
    expect(sets.length).toBeGreaterThan(0);
    for (const set of sets) {
      const [count, height, width] = golden.shape(`${set}.scores`);
      const [scores, mask] = [golden.float32(`${set}.scores`), golden.bytes(`${set}.gt`)];
      const images = Array.from({ length: count }, (_, i) => [i * height * width, (i + 1) * height * width]);
      const maps = images.map(([from, to]) => mapOf(scores.subarray(from, to), height, width));
      const masks = images.map(([from, to]) => maskOf(mask.subarray(from, to), height, width));
      for (const fprLimit of [0.3, 0.05]) {
        const expected = golden.scalar(`${set}.aupro_${fprLimit}`);
        expectWithin(1e-6, aupro(maps, masks, { fprLimit }).value, expected);
        expectWithin(1e-6, pixelMetrics(maps, masks, { fprLimit }).aupro.value, expected);
      }
      const pixels = pixelMetrics(maps, masks);
      expectWithin(1e-9, pixels.auroc, golden.scalar(`${set}.pixel_auroc`));
      expectWithin(1e-9, pixels.ap, golden.scalar(`${set}.pixel_ap`));
    }
  });
});

type Golden = ReturnType<typeof readGolden>;

/** The few kinds of tensors that this safetensors file holds. */
function readGolden() {
  const file = new Uint8Array(readFileSync(path));
  const headerLength = Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerLength)));
  const bytes = (name: string): Uint8Array => {
    const [start, end] = header[name].data_offsets;
    return file.slice(8 + headerLength + start, 8 + headerLength + end);
  };
  return {
    names: Object.keys(header),
    shape: (name: string): number[] => header[name].shape,
    bytes,
    float32: (name: string) => new Float32Array(bytes(name).buffer),
    scalar: (name: string) => new Float64Array(bytes(name).buffer)[0],
  };
}

/** Prefixes that have both scores and `part`. */
function setsWith({ names }: Golden, part: string): string[] {
  return names.filter((name) => name.endsWith(`.${part}`)).map((name) => name.slice(0, -part.length - 1));
}

function expectWithin(tolerance: number, actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance);
}
