import * as tf from '@tensorflow/tfjs';
import { ArgumentError } from '../errors.js';
import { interpolationTaps } from '../image/interpolation-taps.js';

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
  if (alignCorners && antialias) throw new ArgumentError('resize', 'at most one of the two flags', 'both');
  const { starts, counts, weights, width } = interpolationTaps(from, to, mode, alignCorners, antialias);
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    for (let k = 0; k < counts[i]; k++) matrix[i * from + starts[i] + k] = weights[i * width + k];
  }
  return matrix;
}
