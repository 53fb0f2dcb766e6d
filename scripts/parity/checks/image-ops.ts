import { clipPreprocess, contiguous, gaussianFilter, interpolate, resizeImage } from '@anomclip/core/image';
import ndarray, { type NdArray } from 'ndarray';
import { type Golden, largestError } from '../golden.js';
import type { Compare } from '../parity.js';

/** Pillow's resize, torchvision's CLIP preprocessing, PyTorch's interpolate, SciPy's Gaussian filter. */
export function checkImageOps(golden: Golden, compare: Compare): void {
  const image = golden.uint8('input.rgb_hwc');
  for (const name of golden.names) {
    const pil = /^pil_(bicubic|bilinear)_(\d+)x(\d+)$/.exec(name);
    if (pil) {
      const [height, width] = golden.shape(name);
      const resized = contiguous(
        resizeImage(image, height, width, { filter: pil[1] as 'bicubic' | 'bilinear' }),
      );
      const expected = golden.values(name);
      compare(`${name}, grey levels`, largestError(resized, expected), 1);
      compare(`${name}, share of pixels`, shareDiffering(resized, expected), 1e-3);
    }
    const clip = /^clip_preprocess_(short_side_)?(\d+)_.*nchw$/.exec(name);
    if (clip) {
      const resize = clip[1] ? 'shortest' : 'squash';
      const prepared = clipPreprocess(image, { size: Number(clip[2]), resize });
      compare(name, largestError(contiguous(prepared.transpose(2, 0, 1)), golden.values(name)), 1e-5);
    }
    const interp = /^interp_(bilinear|bicubic|nearest)_?(align0|align1|antialias|down)?_?\d+x\d+$/.exec(name);
    if (interp) {
      const source = golden.float32(interp[1] === 'bicubic' ? 'input.pos_embed_grid' : 'input.map_nchw');
      const [height, width] = golden.shape(name).slice(-2);
      const mode = interp[1] as 'bilinear' | 'bicubic' | 'nearest';
      const options = { mode, alignCorners: interp[2] === 'align1', antialias: interp[2] === 'antialias' };
      const resized = planes(source).flatMap((map) => [
        ...contiguous(interpolate(map, height, width, options)),
      ]);
      compare(name, largestError(resized, golden.values(name)), 1e-5);
    }
    const gaussian = /^scipy_gaussian_sigma(\d+)$/.exec(name);
    if (gaussian) {
      const map = ndarray(golden.values('input.gauss_map'), [...golden.shape('input.gauss_map')]);
      compare(
        name,
        largestError(contiguous(gaussianFilter(map, Number(gaussian[1]))), golden.values(name)),
        1e-7,
      );
    }
  }
}

/** Every [H, W] plane of an [N, C, H, W] stack. */
function planes(stack: NdArray<Float32Array>): NdArray<Float32Array>[] {
  const [count, channels] = stack.shape;
  return Array.from({ length: count * channels }, (_, i) =>
    stack.pick(Math.floor(i / channels), i % channels, null, null),
  );
}

function shareDiffering(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let differing = 0;
  for (let i = 0; i < expected.length; i++) if (actual[i] !== expected[i]) differing++;
  return differing / expected.length;
}
