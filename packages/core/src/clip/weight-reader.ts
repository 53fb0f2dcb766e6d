import * as tf from '@tensorflow/tfjs';
import type { LayerNormWeights, LinearWeights } from '../tensor/index.js';
import type { ModelState } from '../training/model-state.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import { readWeight } from '../weights/read-weight.js';
import { transposed } from './transposed.js';

/**
 * Takes weights out of a checkpoint one by one, checks their shapes and puts them where the backend wants them. It
 * owns every tensor it made until {@link WeightReader.release}: when a file fails in the middle, nothing leaks.
 */
export class WeightReader {
  private tensors: tf.Tensor[] = [];

  /** @param state - Where the weights become parameters, under their names; it then owns them. */
  constructor(
    private readonly checkpoint: Checkpoint,
    private readonly state?: ModelState,
  ) {}

  has(name: string): boolean {
    return this.checkpoint.shapes.has(name);
  }

  /** Values of a weight that stays outside the backend. */
  values(name: string, shape: readonly number[]): Promise<Float32Array> {
    return readWeight('CLIP', this.checkpoint, name, shape);
  }

  async vector(name: string, length: number): Promise<tf.Tensor1D> {
    return this.keep(name, [length], await this.values(name, [length])) as tf.Tensor1D;
  }

  /** A matrix that the file stores as it is used, [rows, columns]. */
  async matrix(name: string, rows: number, columns: number): Promise<tf.Tensor2D> {
    return this.keep(name, [rows, columns], await this.values(name, [rows, columns])) as tf.Tensor2D;
  }

  /** `${prefix}weight` [out, in] and `${prefix}bias` [out] of a PyTorch linear layer. */
  async linear(prefix: string, inputs: number, outputs: number): Promise<LinearWeights> {
    const name = `${prefix}weight`;
    const stored = await this.values(name, [outputs, inputs]);
    const weight = this.keep(name, [inputs, outputs], transposed(stored, outputs, inputs)) as tf.Tensor2D;
    return { weight, bias: await this.vector(`${prefix}bias`, outputs) };
  }

  async layerNorm(prefix: string, width: number): Promise<LayerNormWeights> {
    return {
      weight: await this.vector(`${prefix}.weight`, width),
      bias: await this.vector(`${prefix}.bias`, width),
    };
  }

  /** `weight` [out, 3, p, p] of a patch convolution as the matrix [p·p·3, out] that flattened NHWC patches want. */
  async patchEmbedding(name: string, patchSize: number, width: number): Promise<tf.Tensor2D> {
    const area = patchSize * patchSize;
    const stored = await this.values(name, [width, 3, patchSize, patchSize]);
    const matrix = new Float32Array(stored.length);
    for (let out = 0; out < width; out++) {
      for (let channel = 0; channel < 3; channel++) {
        for (let pixel = 0; pixel < area; pixel++) {
          matrix[(pixel * 3 + channel) * width + out] = stored[(out * 3 + channel) * area + pixel];
        }
      }
    }
    return this.keep(name, [area * 3, width], matrix) as tf.Tensor2D;
  }

  /** Hands the tensors over: whoever calls it frees them. */
  release(): tf.Tensor[] {
    const tensors = this.tensors;
    this.tensors = [];
    return tensors;
  }

  private keep(name: string, shape: number[], values: Float32Array): tf.Tensor {
    if (this.state) return this.state.parameter(name, shape as [number], values);
    const tensor = tf.keep(tf.tensor(values, shape));
    this.tensors.push(tensor);
    return tensor;
  }
}
