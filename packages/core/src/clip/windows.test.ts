import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { setUpBackend } from '../backend/index.js';
import { ArgumentError } from '../errors.js';
import { normalise } from '../tensor/index.js';
import { largestDifference } from '../testing/arrays.fixture.js';
import { smallCheckpoint, smallConfig, smallPixels } from '../testing/small-tower.fixture.js';
import { VisionTower } from './vision.js';
import { windowTokens } from './windows.js';

test('windows and their patches come in raster order, the class token first', () => {
  // The patches' tokens:  1 2 3
  //                       4 5 6
  expect([...windowTokens(2, 3, 2)]).toEqual([0, 1, 2, 4, 5, 0, 2, 3, 5, 6]);
  expect([...windowTokens(2, 2, 1)]).toEqual([0, 1, 0, 2, 0, 3, 0, 4]);
  expect(windowTokens(15, 15, 2)).toHaveLength(196 * 5);
  expect(windowTokens(15, 15, 3)).toHaveLength(169 * 10);
  for (const size of [0, 1.5, 3]) expect(() => windowTokens(2, 3, size)).toThrow(ArgumentError);
});

describe.each(['cpu', 'wasm'] as const)('window embeddings on %s', (backend) => {
  beforeAll(async () => {
    await setUpBackend(backend);
  });
  const images = () => tf.tensor4d(smallPixels(2, 32, 32), [2, 32, 32, 3]);

  test('the window of all patches is the image', async () => {
    const before = tf.memory().numTensors;
    const tower = await VisionTower.load(smallCheckpoint(), smallConfig);
    const input = images();
    const { image } = tower.encode(input);
    const windows = tower.encodeWindows(input, [4, 4]);
    expect([...windows.keys()]).toEqual([4]);
    const whole = windows.get(4) as tf.Tensor3D;
    expect(whole.shape).toEqual([2, 1, 12]);
    expect(largestDifference(await whole.data(), await image.data())).toBeLessThan(1e-4);
    expect(() => tower.encodeWindows(input, [5])).toThrow(/from 1 to 4 patches, got 5/);
    tf.dispose([input, image, whole]);
    tower.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a window looks like an image that is nothing but the window, at its place', async () => {
    const tower = await VisionTower.load(smallCheckpoint(), smallConfig);
    const input = images();
    const windows = tower.encodeWindows(input, [2, 3]);
    expect([...windows].map(([size, { shape }]) => [size, shape])).toEqual([
      [2, [2, 9, 12]],
      [3, [2, 4, 12]],
    ]);
    // A tower for 16 × 16 pixels whose positions are those of the window's patches.
    const [row, column] = [1, 2];
    const patches = [0, 1, 4, 5].map((offset) => 4 * row + column + offset);
    const { shapes, read } = smallCheckpoint();
    const width = smallConfig.vision.width;
    const name = 'visual.positional_embedding';
    const tokens = [0, ...patches.map((patch) => 1 + patch)];
    const cropped = await VisionTower.load(
      {
        shapes: new Map([...shapes, [name, [5, width]]]),
        read: async (wanted) => {
          const values = await read(wanted);
          if (wanted !== name) return values;
          return Float32Array.from(
            tokens.flatMap((token) => [...values.subarray(token * width, (token + 1) * width)]),
          );
        },
      },
      { ...smallConfig, vision: { ...smallConfig.vision, imageSize: 16 } },
    );
    const { image } = cropped.encode(tf.slice(input, [0, 8 * row, 8 * column, 0], [-1, 16, 16, -1]));
    const window = tf.slice(windows.get(2) as tf.Tensor3D, [0, 3 * row + column, 0], [-1, 1, -1]);
    expect(largestDifference(await window.data(), await image.data())).toBeLessThan(1e-4);
    const other = tf.slice(windows.get(2) as tf.Tensor3D, [0, 0, 0], [-1, 1, -1]);
    expect(largestDifference(await normalise(other).data(), await normalise(image).data())).toBeGreaterThan(
      1e-2,
    );
    tower.dispose();
    cropped.dispose();
  });
});
