import { contiguous, type Mask, resizeImage } from '@anomclip/core/image';
import ndarray from 'ndarray';

/** A mask as an 8-bit grey image, resized to a square with antialiasing and cut at one half; row after row. */
export function resizeMask(mask: Mask, size: number, filter: 'bicubic' | 'bilinear'): Uint8Array {
  const grey = contiguous(mask).map((value) => (value > 0 ? 255 : 0));
  const resized = resizeImage(ndarray(grey, mask.shape), size, size, { filter });
  return contiguous(resized).map((value) => Number(value / 255 > 0.5));
}
