import { ArgumentError } from '@anomclip/core';
import { expect, test } from 'vitest';
import { nsaSettings } from './nsa-settings.js';

// Rows of section 3.5 of the specification: bounds of rows and columns, patches, k, x0, background, least object.
const table = {
  bottle: [0.03, 0.4, 0.03, 0.4, 3, 1 / 12, 24, 200, 60, 0.7],
  cable: [0.05, 0.4, 0.05, 0.4, 3, 1 / 12, 24],
  capsule: [0.03, 0.15, 0.03, 0.4, 3, 1 / 2, 4, 200, 60, 0.7],
  hazelnut: [0.03, 0.35, 0.03, 0.35, 3, 1 / 12, 24, 20, 20, 0.7],
  metal_nut: [0.03, 0.4, 0.03, 0.4, 3, 1 / 3, 7, 20, 20, 0.5],
  pill: [0.03, 0.2, 0.03, 0.4, 3, 1 / 3, 7, 20, 20, 0.7],
  screw: [0.03, 0.12, 0.03, 0.12, 4, 1, 3, 200, 60, 0.5],
  toothbrush: [0.03, 0.4, 0.03, 0.2, 3, 1 / 6, 15, 20, 20, 0.25],
  transistor: [0.03, 0.4, 0.03, 0.4, 3, 1 / 6, 15],
  zipper: [0.03, 0.4, 0.03, 0.2, 4, 1 / 6, 15, 200, 60, 0.7],
  carpet: [0.03, 0.4, 0.03, 0.4, 4, 1 / 3, 7],
  grid: [0.03, 0.4, 0.03, 0.4, 4, 1 / 3, 7],
  leather: [0.03, 0.4, 0.03, 0.4, 4, 1 / 3, 7],
  tile: [0.03, 0.4, 0.03, 0.4, 4, 1 / 3, 7],
  wood: [0.03, 0.4, 0.03, 0.4, 4, 1 / 6, 15],
};

test.each(Object.entries(table))('the settings of %s are those of the table', (name, row) => {
  const [r0, r1, c0, c1, numPatches, k, x0, brightness, threshold, minObjectPct] = row;
  const texture = ['carpet', 'grid', 'leather', 'tile', 'wood'].includes(name);
  const background =
    brightness === undefined ? {} : { background: [{ brightness, threshold }], minObjectPct };
  expect(nsaSettings('mvtec-ad', name)).toEqual({
    widthBounds: [
      [r0, r1],
      [c0, c1],
    ],
    numPatches,
    logisticParams: [k, x0],
    ...background,
    ...(brightness === undefined ? {} : { minOverlapPct: 0.25 }),
    mode: texture ? 'mixed' : 'normal',
    resizeBounds: texture ? [0.5, 2] : [0.7, 1.3],
  });
});

test('VisA has the defaults for every class; unknown classes of MVTec AD and unknown data sets are refused', () => {
  expect(nsaSettings('visa', 'candle')).toEqual({});
  expect(() => nsaSettings('mvtec-ad', 'candle')).toThrow(ArgumentError);
  expect(() => nsaSettings('mvtec-ad', 'constructor')).toThrow(ArgumentError);
  expect(() => nsaSettings('mpdd' as 'visa', 'tubes')).toThrow(ArgumentError);
});
