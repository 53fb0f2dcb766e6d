import ndarray, { type NdArray } from 'ndarray';

/** What a camera sees, pixel by pixel: one geometry pass, which any number of colourings can be painted on. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** [H·W] which point (or triangle, or surface sample) is seen; −1 where nothing is. */
  readonly index: Int32Array;
  /** [H·W] its depth along the axis of the camera; Infinity where nothing is. */
  readonly depth: Float32Array;
}

/** A raster on which nothing is seen. */
export function emptyRaster(width: number, height: number): Raster {
  return {
    width,
    height,
    index: new Int32Array(width * height).fill(-1),
    depth: new Float32Array(width * height).fill(Infinity),
  };
}

/** The depth of every pixel, [H, W] in the unit of the cloud; 0 where nothing is seen. */
export function renderedDepth({ width, height, depth }: Raster): NdArray<Float32Array> {
  const values = depth.map((value) => (value === Infinity ? 0 : value));
  return ndarray(values, [height, width]);
}
