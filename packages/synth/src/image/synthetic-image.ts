import { ShapeError } from '@anomclip/core';
import { contiguous, createMask, type Image, type Mask } from '@anomclip/core/image';
import ndarray from 'ndarray';

/** An image with a synthetic anomaly and where it is. All arrays are the caller's. */
export interface SyntheticImage {
  readonly image: Image;
  /** [H, W], 1 where the anomaly is. Where it is 0, the image has the bits of the normal one. */
  readonly mask: Mask;
  /** Whether an anomaly could be placed. If not, `image` is an unchanged copy and `mask` is 0 everywhere. */
  readonly ok: boolean;
}

/** Pixels of one image or patch: row-major RGB triples. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** A copy of an image's pixels. @throws {@link ShapeError} unless it is [H, W, 3] with at least one pixel. */
export function copyPixels(where: string, image: Image): Pixels {
  const { shape } = image;
  if (shape.length !== 3 || shape[2] !== 3 || shape[0] === 0 || shape[1] === 0) {
    throw new ShapeError(where, 'an RGB image [H, W, 3] with at least one pixel', shape);
  }
  return { data: contiguous(image).slice(), height: shape[0], width: shape[1] };
}

/** The elements of a mask. @throws {@link ShapeError} unless it has the sides wanted. */
export function maskOf(where: string, mask: Mask, height: number, width: number): Uint8Array {
  const { shape } = mask;
  if (shape.length !== 2 || shape[0] !== height || shape[1] !== width) {
    throw new ShapeError(where, `a mask of the image's size [${height}, ${width}]`, shape);
  }
  return contiguous(mask);
}

export function toImage({ data, height, width }: Pixels): Image {
  return ndarray(data, [height, width, 3]);
}

/** What a routine returns when it finds no place for an anomaly. */
export function unchanged(pixels: Pixels): SyntheticImage {
  return { image: toImage(pixels), mask: createMask(pixels.height, pixels.width), ok: false };
}
