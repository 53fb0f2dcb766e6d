import ndarray from 'ndarray';
import { ArgumentError } from '../errors.js';
import type { AnomalyMap, Image, Mask } from './types.js';

/** A black image, [height, width, 3]. @throws {@link ArgumentError} unless both sides are whole numbers ≥ 0. */
export function createImage(height: number, width: number): Image {
  assertSides('createImage', height, width);
  return ndarray(new Uint8Array(height * width * 3), [height, width, 3]);
}

/** A mask that is normal everywhere, [height, width]. @throws {@link ArgumentError} unless both sides are whole numbers ≥ 0. */
export function createMask(height: number, width: number): Mask {
  assertSides('createMask', height, width);
  return ndarray(new Uint8Array(height * width), [height, width]);
}

/** A map of zeros, [height, width]. @throws {@link ArgumentError} unless both sides are whole numbers ≥ 0. */
export function createAnomalyMap(height: number, width: number): AnomalyMap {
  assertSides('createAnomalyMap', height, width);
  return ndarray(new Float32Array(height * width), [height, width]);
}

function assertSides(where: string, height: number, width: number): void {
  for (const side of [height, width]) {
    if (!Number.isSafeInteger(side) || side < 0) {
      throw new ArgumentError(where, 'a height and a width, whole numbers ≥ 0', `${height} × ${width}`);
    }
  }
}
