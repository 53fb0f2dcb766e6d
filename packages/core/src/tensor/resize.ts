import * as tf from '@tensorflow/tfjs';
import { ArgumentError } from '../errors.js';

export interface ResizeOptions {
  /** @defaultValue `'bilinear'` */
  mode?: 'bilinear' | 'bicubic';
  /** Whether corner pixels map onto corner pixels; otherwise pixel areas do (half-pixel centres). @defaultValue false */
  alignCorners?: boolean;
  /** Widens the kernel when making smaller, as Pillow does. Only with half-pixel centres. @defaultValue false */
  antialias?: boolean;
}

/**
 * Resizes maps as PyTorch's `interpolate` does, as two products with constant matrices: differentiable, and the
 * same on every backend, which `tf.image.resizeBilinear` is not.
 *
 * @param maps - [B, H, W, C]
 * @returns [B, height, width, C]
 */
export function resize(
  maps: tf.Tensor4D,
  height: number,
  width: number,
  options: ResizeOptions = {},
): tf.Tensor4D {
  const [batch, fromHeight, fromWidth, channels] = maps.shape;
  return tf.tidy(() => {
    const vertical = tf.tensor2d(interpolationMatrix(fromHeight, height, options), [height, fromHeight]);
    const horizontal = tf.tensor2d(interpolationMatrix(fromWidth, width, options), [width, fromWidth]);
    // Rows first: [B, H, W·C] → [H, B·W·C] → [h, B·W·C]; then columns likewise.
    const byRow = tf.reshape(tf.transpose(maps, [1, 0, 2, 3]), [fromHeight, batch * fromWidth * channels]);
    const tall = tf.reshape(tf.matMul(vertical, byRow as tf.Tensor2D), [height, batch, fromWidth, channels]);
    const byColumn = tf.reshape(tf.transpose(tall, [2, 1, 0, 3]), [fromWidth, batch * height * channels]);
    const wide = tf.matMul(horizontal, byColumn as tf.Tensor2D);
    return tf.transpose(tf.reshape(wide, [width, batch, height, channels]), [1, 2, 0, 3]) as tf.Tensor4D;
  });
}

/** [to, from] row-major: row i holds the weights of the source positions for result i; every row sums to 1. */
export function interpolationMatrix(from: number, to: number, options: ResizeOptions = {}): Float32Array {
  const { mode = 'bilinear', alignCorners = false, antialias = false } = options;
  for (const side of [from, to]) {
    if (!Number.isInteger(side) || side < 1) throw new ArgumentError('resize', 'whole sides from 1', side);
  }
  const matrix = new Float32Array(to * from);
  const scale = alignCorners ? (to > 1 ? (from - 1) / (to - 1) : 0) : from / to;
  // PyTorch's cubic kernel has a = −0.75, its antialiased one Pillow's −0.5.
  const cubic = cubicKernel(antialias ? -0.5 : -0.75);
  const kernel = mode === 'bicubic' ? cubic : (x: number) => Math.max(0, 1 - Math.abs(x));
  const widening = antialias && !alignCorners ? Math.max(scale, 1) : 1;
  const support = (mode === 'bicubic' ? 2 : 1) * widening;
  for (let i = 0; i < to; i++) {
    let centre = alignCorners ? i * scale : (i + 0.5) * scale - 0.5;
    if (mode === 'bilinear' && !antialias) centre = Math.min(Math.max(centre, 0), from - 1);
    const weights: [index: number, weight: number][] = [];
    let total = 0;
    for (let j = Math.ceil(centre - support); j <= Math.floor(centre + support); j++) {
      // Beyond the border: antialiasing leaves the tap out, the plain kernels repeat the last pixel.
      if (antialias && (j < 0 || j >= from)) continue;
      const weight = kernel((j - centre) / widening);
      weights.push([Math.min(Math.max(j, 0), from - 1), weight]);
      total += weight;
    }
    for (const [index, weight] of weights) matrix[i * from + index] += weight / total;
  }
  return matrix;
}

function cubicKernel(a: number): (x: number) => number {
  return (signed) => {
    const x = Math.abs(signed);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
    return 0;
  };
}
