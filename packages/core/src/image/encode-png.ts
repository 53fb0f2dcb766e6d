import { encode } from 'fast-png';
import type { NdArray } from 'ndarray';
import { ShapeError } from '../errors.js';
import { contiguous } from './contiguous.js';

/**
 * A PNG file, 8 bits per channel.
 *
 * @param image - [H, W, 3] colour or [H, W] grey, at least one pixel; strided views are fine.
 * @throws {@link ShapeError} for another shape.
 */
export function encodePng(image: NdArray<Uint8Array>): Uint8Array {
  const { shape } = image;
  const isColour = shape.length === 3 && shape[2] === 3;
  if ((!isColour && shape.length !== 2) || shape.includes(0)) {
    throw new ShapeError('encodePng', '[H, W, 3] or [H, W] with at least one pixel', shape);
  }
  const [height, width] = shape;
  return encode({ width, height, data: contiguous(image), channels: isColour ? 3 : 1, depth: 8 });
}
