import { createImage, createMask } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import { describe, expect, test } from 'vitest';
import { anomalousPixels, type SimulationOptions, simulateAnomaly } from './simulation.js';

const options: SimulationOptions = {
  reverseMask: false,
  minAnomalyPixels: 16,
  textureSource: 'given',
  imageSize: 32,
};
const image = createImage(64, 64);
const foreground = createMask(64, 64);
for (let pixel = 0; pixel < 64 * 64; pixel++) {
  const [row, column] = [Math.floor(pixel / 64), pixel % 64];
  foreground.data[pixel] = Number((row - 32) ** 2 + (column - 32) ** 2 < 25 ** 2);
  for (let channel = 0; channel < 3; channel++) {
    image.data[3 * pixel + channel] = foreground.data[pixel] ? 40 + 3 * ((row + channel * column) % 60) : 0;
  }
}

describe('simulated anomalies (clip3d-ad.md 3)', () => {
  const anomalies = Array.from({ length: 30 }, (_, i) =>
    simulateAnomaly(image, foreground, createRng('simulation').fork(i), options),
  );

  test('pixels differ inside the mask only, and the mask lies on the object', () => {
    for (const { image: changed, mask } of anomalies) {
      const isChanged = (pixel: number) =>
        [0, 1, 2].some((channel) => changed.data[3 * pixel + channel] !== image.data[3 * pixel + channel]);
      const pixels = [...mask.data.keys()];
      expect(pixels.some(isChanged)).toBe(true);
      expect(pixels.filter((pixel) => isChanged(pixel) && mask.data[pixel] === 0)).toEqual([]);
      expect(pixels.filter((pixel) => mask.data[pixel] === 1 && foreground.data[pixel] === 0)).toEqual([]);
    }
  });

  test('every anomaly has at least the wanted pixels at the size of the model, of which the target is made', () => {
    for (const { mask, target } of anomalies) {
      expect(target.shape).toEqual([32, 32]);
      expect(anomalousPixels(target)).toBeGreaterThanOrEqual(16);
      // Nearest: the pixel under the centre.
      const under = target.data.map((_, i) => mask.get(2 * Math.floor(i / 32) + 1, 2 * (i % 32) + 1));
      expect(target.data).toEqual(under);
    }
  });

  test('the same stream gives the same anomaly, another stream another', () => {
    const again = simulateAnomaly(image, foreground, createRng('simulation').fork(3), options);
    expect(again.image.data).toEqual(anomalies[3].image.data);
    expect(again.mask.data).not.toEqual(anomalies[4].mask.data);
  });

  test('a larger minimum redraws until it is met; one that cannot be met ends with the largest of all draws', () => {
    const rng = createRng('minimum');
    const few = simulateAnomaly(image, foreground, rng, { ...options, minAnomalyPixels: 1 });
    const many = simulateAnomaly(image, foreground, rng, { ...options, minAnomalyPixels: 120 });
    const most = simulateAnomaly(image, foreground, rng, { ...options, minAnomalyPixels: 5000 });
    const counts = [few, many, most].map(({ target }) => anomalousPixels(target));
    expect(counts[0]).toBeLessThan(120);
    expect(counts[1]).toBeGreaterThanOrEqual(120);
    expect(counts[2]).toBeGreaterThanOrEqual(counts[1]);
  });

  test('reversed, all but the blobs is anomalous', () => {
    const rng = createRng('reverse');
    const forward = simulateAnomaly(image, foreground, rng, { ...options, minAnomalyPixels: 1 });
    const reversed = simulateAnomaly(image, foreground, rng, {
      ...options,
      minAnomalyPixels: 1,
      reverseMask: true,
    });
    expect(reversed.mask.data.map((value) => 1 - value)).toEqual(forward.mask.data);
  });
});
