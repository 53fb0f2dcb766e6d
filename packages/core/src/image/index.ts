export {
  type ChannelValues,
  CLIP_MEAN,
  CLIP_STD,
  type ClipPreprocessOptions,
  clipPreprocess,
} from './clip-preprocess.js';
export { contiguous } from './contiguous.js';
export { createAnomalyMap, createImage, createMask } from './create.js';
export { decodeImage } from './decode-image.js';
export { decodeJpeg } from './decode-jpeg.js';
export type { DecodeOptions } from './decode-options.js';
export { decodeMask, decodePng, decodePngGrey } from './decode-png.js';
export { encodePng } from './encode-png.js';
export { type GaussianFilterOptions, gaussianFilter } from './gaussian-filter.js';
export { type InterpolateOptions, interpolate } from './interpolate.js';
export { pillowGaussianBlur } from './pillow-gaussian-blur.js';
export { type ResizeOptions, resizeImage } from './resize.js';
export type { AnomalyMap, Image, Mask } from './types.js';
