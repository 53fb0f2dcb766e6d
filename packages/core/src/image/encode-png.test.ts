import { decode } from 'fast-png';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { ShapeError } from '../errors.js';
import { contiguous } from './contiguous.js';
import { decodePng, decodePngGrey } from './decode-png.js';
import { encodePng } from './encode-png.js';

const image = ndarray(
  Uint8Array.from({ length: 60 }, (_, i) => (i * 37) % 256),
  [4, 5, 3],
);

test('what is written is read again, colour and grey', () => {
  expect(decodePng(encodePng(image)).data).toEqual(image.data);
  const grey = ndarray(image.data, [6, 10]);
  expect(decodePngGrey(encodePng(grey))).toMatchObject({ shape: [6, 10], data: image.data });
});

test('strided views are written as they look', () => {
  const view = image.transpose(1, 0, 2).step(-1, 2, -1);
  const png = decode(encodePng(view));
  expect([png.height, png.width]).toEqual(view.shape.slice(0, 2));
  expect([...png.data]).toEqual([...contiguous(view)]);
});

test('other shapes are refused', () => {
  expect(() => encodePng(ndarray(new Uint8Array(16), [2, 2, 4]))).toThrow(ShapeError);
  expect(() => encodePng(image.hi(0, 5, 3))).toThrow(
    'encodePng: expected [H, W, 3] or [H, W] with at least one pixel',
  );
});
