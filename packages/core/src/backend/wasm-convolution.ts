import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { floats, reshaped, type WasmBackend } from './wasm-heap.js';

interface FilterGradientArguments {
  readonly inputs: { readonly x: TensorInfo; readonly dy: TensorInfo };
  readonly backend: WasmBackend;
  readonly attrs: {
    readonly strides: [number, number] | number;
    readonly pad: 'valid' | 'same' | number;
    readonly dataFormat: 'NHWC' | 'NCHW';
    readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
    readonly filterShape: [number, number, number, number];
  };
}

/**
 * `Conv2DBackpropFilter`, which the wasm backend lacks: for every tap of the filter the shifted input
 * [C, N·H·W] times the output's gradient [N·H·W, D], both on the matrix product's fast path.
 */
export function filterGradient(matMul: KernelFunc): KernelFunc {
  return ((args: FilterGradientArguments): TensorInfo => {
    const { inputs, backend, attrs } = args;
    const { x, dy } = inputs;
    if (attrs.dataFormat !== 'NHWC') throw new Error('Conv2DBackpropFilter on wasm: only NHWC is supported');
    const shape = x.shape as [number, number, number, number];
    const { strides, pad, dimRoundingMode, filterShape } = attrs;
    const convolution = tf.backend_util.computeConv2DInfo(
      shape,
      filterShape,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = convolution;
    const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = convolution;
    const positions = batchSize * outHeight * outWidth;

    const out = backend.makeOutput(filterShape, 'float32');
    const gradient = reshaped(backend, dy, [positions, outChannels]);
    const shifted = backend.makeOutput([inChannels, positions], 'float32');
    for (let tap = 0; tap < filterHeight * filterWidth; tap++) {
      const top = Math.floor(tap / filterWidth) - padInfo.top;
      const left = (tap % filterWidth) - padInfo.left;
      const from = floats(backend, x);
      const to = floats(backend, shifted);
      let position = 0;
      for (let image = 0; image < batchSize; image++) {
        for (let row = 0; row < outHeight; row++) {
          const inRow = row * strideHeight + top;
          for (let column = 0; column < outWidth; column++, position++) {
            const inColumn = column * strideWidth + left;
            const inside = inRow >= 0 && inRow < inHeight && inColumn >= 0 && inColumn < inWidth;
            const start = ((image * inHeight + inRow) * inWidth + inColumn) * inChannels;
            for (let channel = 0; channel < inChannels; channel++) {
              to[channel * positions + position] = inside ? from[start + channel] : 0;
            }
          }
        }
      }
      const product = matMul({
        inputs: { a: shifted, b: gradient },
        backend,
        attrs: { transposeA: false, transposeB: false },
      } as never) as TensorInfo;
      floats(backend, out).set(floats(backend, product), tap * inChannels * outChannels);
      backend.disposeData(product.dataId);
    }
    backend.disposeData(shifted.dataId);
    backend.disposeData(gradient.dataId);
    return out;
  }) as unknown as KernelFunc;
}

interface MaxPoolGradientArguments {
  readonly inputs: { readonly dy: TensorInfo; readonly input: TensorInfo };
  readonly backend: WasmBackend;
  readonly attrs: {
    readonly filterSize: [number, number] | number;
    readonly strides: [number, number] | number;
    readonly pad: 'valid' | 'same' | number;
    readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  };
}

/** Gradient of `tf.maxPool`. The wasm kernel loses it wherever a window's maximum is not positive. */
export const maxPoolGradient = ((args: MaxPoolGradientArguments): TensorInfo => {
  const { inputs, backend, attrs } = args;
  const shape = inputs.input.shape as [number, number, number, number];
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  const pool = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const { batchSize, inHeight, inWidth, inChannels: channels, outHeight, outWidth } = pool;
  const out = backend.makeOutput(shape, 'float32');
  const from = floats(backend, inputs.input);
  const gradient = floats(backend, inputs.dy);
  const to = floats(backend, out).fill(0);
  for (let image = 0; image < batchSize; image++) {
    for (let row = 0; row < outHeight; row++) {
      const top = row * pool.strideHeight - pool.padInfo.top;
      const [firstRow, endRow] = [Math.max(0, top), Math.min(inHeight, top + pool.filterHeight)];
      for (let column = 0; column < outWidth; column++) {
        const left = column * pool.strideWidth - pool.padInfo.left;
        const [firstColumn, endColumn] = [Math.max(0, left), Math.min(inWidth, left + pool.filterWidth)];
        const window = ((image * outHeight + row) * outWidth + column) * channels;
        for (let channel = 0; channel < channels; channel++) {
          let best = -1;
          for (let r = firstRow; r < endRow; r++) {
            for (let c = firstColumn; c < endColumn; c++) {
              const index = ((image * inHeight + r) * inWidth + c) * channels + channel;
              // The first of equal maxima gets the gradient, as on the cpu backend and in PyTorch.
              if (best < 0 || from[index] > from[best]) best = index;
            }
          }
          if (best >= 0) to[best] += gradient[window + channel];
        }
      }
    }
  }
  return out;
}) as unknown as KernelFunc;
