import type { ClipConfig } from '../clip/index.js';
import { WeightReader } from '../clip/weight-reader.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import { type NodeOptions, OnnxGraph, type Value } from './onnx-graph.js';
import { quantised } from './quantised.js';

/** How the runtime holds and multiplies the weights of linear layers. */
export type OnnxPrecision = 'float32' | 'int8';

/** Rows of a stored weight matrix: `[start, end)`. */
export type Rows = readonly [start: number, end: number];

/**
 * A transformer's layers as ONNX nodes, on tokens flattened to [B·N, W]: every linear layer is then one operator that
 * takes PyTorch's weights as they are stored, and nothing is transposed at run time.
 */
export class OnnxLayers {
  readonly graph = new OnnxGraph();
  private readonly reader: WeightReader;

  constructor(
    checkpoint: Checkpoint,
    private readonly config: ClipConfig,
    private readonly precision: OnnxPrecision,
  ) {
    this.reader = new WeightReader(checkpoint);
  }

  /** A node with one output. */
  add(operator: string, inputs: readonly Value[], attributes = {}, options: NodeOptions = {}): Value {
    return this.graph.add(operator, inputs, attributes, options)[0];
  }

  weight(name: string, ...shape: number[]): Value {
    return this.graph.weight(shape, () => this.reader.values(name, shape));
  }

  layerNorm(x: Value, name: string): Value {
    const { width } = this.config.vision;
    const weights = [this.weight(`${name}.weight`, width), this.weight(`${name}.bias`, width)];
    return this.add('LayerNormalization', [x, ...weights], { axis: -1, epsilon: 1e-5 });
  }

  /**
   * x Wᵀ + b of a PyTorch linear layer, whose weight and bias are `${prefix}weight` [outputs, inputs] and
   * `${prefix}bias` [outputs]. The function may be applied more than once; the weights are held once.
   *
   * @param rows - Which of the outputs. @defaultValue all
   */
  linear(
    prefix: string,
    inputs: number,
    outputs: number,
    [start, end]: Rows = [0, outputs],
  ): (x: Value) => Value {
    const stored = async () => {
      const values = await this.reader.values(`${prefix}weight`, [outputs, inputs]);
      return values.subarray(start * inputs, end * inputs);
    };
    const count = end - start;
    const bias = this.graph.weight([count], async () =>
      (await this.reader.values(`${prefix}bias`, [outputs])).subarray(start, end),
    );
    if (this.precision === 'float32') {
      const weight = this.graph.weight([count, inputs], stored);
      return (x) => this.add('Gemm', [x, weight, bias], { transB: 1 });
    }
    // Both are made from one matrix, and written in this order.
    let scales: Float32Array = new Float32Array();
    const values = this.graph.weight(
      [inputs, count],
      async () => {
        const result = quantised(await stored(), count, inputs);
        scales = result.scales;
        return result.values;
      },
      'int8',
    );
    const scale = this.graph.weight([count], async () => scales);
    return (x) => this.add('DynamicQuantizeMatMul', [x, values, scale, '', bias], {}, microsoft);
  }

  activation(x: Value): Value {
    return this.config.activation === 'gelu'
      ? this.add('Gelu', [x], {}, microsoft)
      : this.add('QuickGelu', [x], { alpha: 1.702 }, microsoft);
  }

  /** Attention of every head. @param queries - [B, N, W]; keys and values [B, M, W]. @returns [B, N, W] */
  attention(queries: Value, keys: Value, values: Value): Value {
    const { heads } = this.config.vision;
    return this.add('MultiHeadAttention', [queries, keys, values], { num_heads: heads }, microsoft);
  }
}

/** Operators that the runtime has beyond the standard's. */
const microsoft = { domain: 'com.microsoft' } as const;
