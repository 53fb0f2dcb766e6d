import { FormatError } from '@anomclip/core';
import { writeSafetensors } from '@anomclip/core/weights';
import { expect, test } from 'vitest';
import { type BestEpoch, readBestEpoch, writeBestEpoch } from './best-epoch.js';

const shapes = new Map([
  ['a', [2]],
  ['b', [1, 2]],
]);
const best: BestEpoch = {
  epoch: 7,
  value: 0.1 + 0.2,
  values: {
    a: { shape: [2], data: Float32Array.of(1, -2) },
    b: { shape: [1, 2], data: Float32Array.of(0.5, 3) },
  },
};

test('what is written is read, to the last bit, and nothing as nothing', () => {
  expect(readBestEpoch(writeBestEpoch(best), shapes)).toEqual(best);
  const worst = { ...best, value: Number.NEGATIVE_INFINITY };
  expect(readBestEpoch(writeBestEpoch(worst), shapes)).toEqual(worst);
  expect(readBestEpoch(writeBestEpoch(undefined), shapes)).toBeUndefined();
});

test('bytes of anything else are refused', () => {
  const bytes = writeBestEpoch(best);
  const { a, b } = best.values;
  const told = { epoch: '7', value: '1' };
  for (const wrong of [
    bytes.subarray(0, bytes.length - 1),
    writeSafetensors(best.values, {}),
    writeSafetensors(best.values, { ...told, epoch: '-1' }),
    writeSafetensors({ a }, told),
    writeSafetensors({ a, b, c: a }, told),
    writeSafetensors({ a, b: a }, told),
    writeSafetensors({ a, b: { shape: [1, 2], data: new Int32Array(2) } }, told),
  ]) {
    expect(() => readBestEpoch(wrong, shapes)).toThrow(FormatError);
  }
});
