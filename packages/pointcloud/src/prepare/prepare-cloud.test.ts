import { ArgumentError } from '@anomclip/core';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { prepareCloud } from './prepare-cloud.js';

test('every point of a loose cloud is a foreground cell without a grid', () => {
  const positions = ndarray(Float32Array.of(1, 2, 3, 0, 0, 0), [2, 3]);
  const prepared = prepareCloud({ positions, labels: Uint16Array.of(0, 300) });
  expect([...prepared.positions]).toEqual([1, 2, 3, 0, 0, 0]);
  expect([...prepared.foreground]).toEqual([1, 1]);
  expect([...(prepared.labels ?? [])]).toEqual([0, 1]);
  expect(prepared.grid).toBeUndefined();
});

test('refuses NaN', () => {
  expect(() => prepareCloud({ positions: ndarray(Float32Array.of(1, 2, Number.NaN), [1, 3]) })).toThrow(
    ArgumentError,
  );
});
