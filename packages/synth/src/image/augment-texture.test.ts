import { createRng, type Rng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { augmenters, augmentTexture } from './augment-texture.js';
import { noiseImage } from './images.fixture.js';
import type { Pixels } from './synthetic-image.js';

const [height, width] = [16, 20];
const texture = (): Pixels => ({ data: noiseImage(height, width, createRng('texture')).data, height, width });
const original = texture().data;

/** An rng whose draws are given. */
function scripted(draws: Partial<Record<'uniform' | 'integer' | 'boolean', (number | boolean)[]>>): Rng {
  const next = (kind: 'uniform' | 'integer' | 'boolean') => () => {
    const value = draws[kind]?.shift();
    if (value === undefined) throw new Error(`no ${kind} left`);
    return value;
  };
  return {
    ...createRng(0),
    uniform: next('uniform') as () => number,
    integer: next('integer') as () => number,
    boolean: next('boolean') as () => boolean,
  };
}

function augmented(
  name: keyof typeof augmenters,
  draws: Parameters<typeof scripted>[0] = {},
  pixels = texture(),
) {
  augmenters[name](pixels, scripted(draws), ['ycbcr']);
  return pixels.data;
}

test('parameters that mean no change change nothing', () => {
  expect(augmented('gammaContrast', { uniform: [1, 1, 1] })).toEqual(original);
  expect(augmented('brightness', { uniform: [1], integer: [0], boolean: [true] })).toEqual(original);
  expect(augmented('sharpness', { uniform: [1] })).toEqual(original);
  expect(augmented('hueAndSaturation', { integer: [0, 0] })).toEqual(original);
  expect(augmented('solarise', { boolean: [false] })).toEqual(original);
  expect(augmented('posterise', { integer: [8] })).toEqual(original);
  expect(augmented('turn', { uniform: [0] })).toEqual(original);
});

test('gamma 2 squares, solarising inverts above the threshold, posterising keeps high bits, inverting is its inverse', () => {
  const check = (data: Uint8Array, map: (value: number) => number) => expect(data).toEqual(original.map(map));
  check(augmented('gammaContrast', { uniform: [2, 2, 2] }), (v) => Math.round((v * v) / 255));
  check(augmented('solarise', { boolean: [true], uniform: [100] }), (v) => (v > 100 ? 255 - v : v));
  check(augmented('posterise', { integer: [3] }), (v) => v - (v % 32));
  check(augmented('invert'), (v) => 255 - v);
});

test('brightness scales before or after it adds', () => {
  const grey = () => ({ data: new Uint8Array(300).fill(100), height: 10, width: 10 });
  const level = (addFirst: boolean) =>
    augmented('brightness', { uniform: [1.2], integer: [20], boolean: [addFirst] }, grey())[0];
  expect(level(true)).toBe(144);
  expect(level(false)).toBe(140);
});

test('sharpness 0 smooths the inside with centre weight 5 and leaves the border', () => {
  const data = augmented('sharpness', { uniform: [0] });
  const at = (i: number, j: number) => original[3 * (i * width + j) + 1];
  let sum = 4 * at(5, 7);
  for (let i = 4; i <= 6; i++) for (let j = 6; j <= 8; j++) sum += at(i, j);
  expect(data[3 * (5 * width + 7) + 1]).toBe(Math.round(sum / 13));
  expect(data.subarray(0, 3 * width)).toEqual(original.subarray(0, 3 * width));
});

test('hue turns by 180/255 of the draw: pure red moves towards yellow', () => {
  const red = { data: Uint8Array.of(255, 0, 0), height: 1, width: 1 };
  // 43/255·180 = 30.35 → 30 half degrees.
  expect([...augmented('hueAndSaturation', { integer: [43, 0] }, red)]).toEqual([255, 255, 0]);
  const pale = { data: Uint8Array.of(255, 0, 0), height: 1, width: 1 };
  expect([...augmented('hueAndSaturation', { integer: [0, -50] }, pale)]).toEqual([255, 50, 50]);
});

test('auto-contrast stretches what the cut-off leaves to 0 and 255', () => {
  const values = Array.from({ length: 100 }, (_, i) => 50 + i);
  const pixels = { data: Uint8Array.from(values.flatMap((v) => [v, v, v])), height: 10, width: 10 };
  const data = augmented('autoContrast', { integer: [10] }, pixels);
  const expected = values.map((v) => Math.min(Math.max(Math.round((255 * (v - 60)) / 79), 0), 255));
  expect([...data.filter((_, i) => i % 3 === 0)]).toEqual(expected);
});

test('equalising follows the integer formula, and keeps a constant channel', () => {
  const values = Array.from({ length: 1024 }, (_, i) => (i < 512 ? 10 : i < 768 ? 20 : 30));
  const pixels = { data: Uint8Array.from(values.flatMap((v) => [v, v, 77])), height: 32, width: 32 };
  const data = augmented('equalise', {}, pixels);
  // step = (1024 − 256) div 255 = 3; 10 → (0 + 1) div 3, 20 → 513 div 3, 30 → 769 div 3.
  expect([data[0], data[3 * 600], data[3 * 1000]]).toEqual([0, 171, 255]);
  expect(data[2]).toBe(77);
});

test('three augmenters are applied to a copy', () => {
  const pixels = texture();
  const results = Array.from(
    { length: 10 },
    (_, seed) => augmentTexture(pixels, createRng(seed), ['lab', 'hsv']).data,
  );
  expect(pixels.data).toEqual(original);
  expect(new Set(results.map((data) => data.join())).size).toBeGreaterThan(8);
});
