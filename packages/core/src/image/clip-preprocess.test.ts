import ndarray, { type NdArray } from 'ndarray';
import { expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../errors.js';
import { largestDifference, readGolden } from '../testing/arrays.fixture.js';
import { hasShared } from '../testing/golden.fixture.js';
import { CLIP_MEAN, CLIP_STD, clipPreprocess } from './clip-preprocess.js';
import { contiguous } from './contiguous.js';
import { createImage } from './create.js';

test.skipIf(!hasShared)(
  'equals torchvision’s transforms to the last bit (skipped where ../shared is absent)',
  () => {
    const golden = readGolden('image-ops');
    const image = golden('input.rgb_hwc') as NdArray<Uint8Array>;
    for (const [resize, name] of [
      ['squash', 'clip_preprocess_64_nchw'],
      ['shortest', 'clip_preprocess_short_side_64_crop_nchw'],
    ] as const) {
      const result = clipPreprocess(image, { size: 64, resize });
      expect(result.shape).toEqual([64, 64, 3]);
      expect(largestDifference(contiguous(result.transpose(2, 0, 1)), golden(name).data)).toBe(0);
    }
  },
);

test('maps black and white to −mean/std and (1 − mean)/std', () => {
  const image = createImage(4, 4);
  image.data.fill(255, 24);
  const result = clipPreprocess(image, { size: 4 });
  for (const channel of [0, 1, 2]) {
    expect(result.get(0, 0, channel)).toBeCloseTo(-CLIP_MEAN[channel] / CLIP_STD[channel], 5);
    expect(result.get(3, 3, channel)).toBeCloseTo((1 - CLIP_MEAN[channel]) / CLIP_STD[channel], 5);
  }
});

test('crops the centre, and half a pixel to the even side as Python rounds', () => {
  const image = createImage(2, 7); // margins of 2.5 become 2
  for (let x = 0; x < 7; x++) for (let y = 0; y < 2; y++) image.set(y, x, 0, 10 * x);
  const red = clipPreprocess(image, { size: 2, mean: [0, 0, 0], std: [1, 1, 1] });
  expect([red.get(0, 0, 0), red.get(0, 1, 0)].map((value) => Math.round(value * 255))).toEqual([20, 30]);
  const tall = clipPreprocess(image.transpose(1, 0, 2), { size: 2, mean: [0, 0, 0], std: [1, 1, 1] });
  expect([tall.get(0, 0, 0), tall.get(1, 0, 0)].map((value) => Math.round(value * 255))).toEqual([20, 30]);
});

test('grey images, empty images and bad options are refused', () => {
  expect(() => clipPreprocess(ndarray(new Uint8Array(4), [2, 2]), { size: 2 })).toThrow(ShapeError);
  expect(() => clipPreprocess(createImage(0, 3), { size: 2 })).toThrow(ShapeError);
  expect(() => clipPreprocess(createImage(2, 2), { size: 0 })).toThrow(ArgumentError);
  expect(() => clipPreprocess(createImage(2, 2), { size: 2, resize: 'longest' as 'squash' })).toThrow(
    ArgumentError,
  );
});
