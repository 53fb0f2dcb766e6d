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

/**
 * A picture of the depths, [H, W]: the nearest 255, the farthest 0, and 0 where nothing is seen (`pointcloud.md` 13). When all
 * depths are equal they are 255.
 */
export function depthImage({ width, height, depth }: Raster): NdArray<Uint8Array> {
  let nearest = Infinity;
  let farthest = -Infinity;
  for (let pixel = 0; pixel < depth.length; pixel++) {
    const value = depth[pixel];
    if (value === Infinity) continue;
    if (value < nearest) nearest = value;
    if (value > farthest) farthest = value;
  }
  const range = farthest - nearest;
  const pixels = new Uint8Array(depth.length);
  for (let pixel = 0; pixel < depth.length; pixel++) {
    if (depth[pixel] === Infinity) continue;
    pixels[pixel] = range > 0 ? Math.round((255 * (farthest - depth[pixel])) / range) : 255;
  }
  return ndarray(pixels, [height, width]);
}
