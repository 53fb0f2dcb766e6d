import * as tf from '@tensorflow/tfjs';
import type {
  ClipConfig,
  EncodeImagesOptions,
  ImageFeatures,
  VisionConfig,
  WindowFeatures,
} from '../clip/index.js';
import { windowTokens } from '../clip/windows.js';
import { ArgumentError, ShapeError } from '../errors.js';
import type { OnnxImageEncoder } from './onnx-image-encoder.js';
import type { OnnxPrecision } from './onnx-layers.js';
import type { FloatArray, OnnxProgram } from './onnx-runtime.js';
import { type OnnxFeatures, patchOutput } from './onnx-vision.js';
import { positionEmbeddings } from './position-embeddings.js';

/** The encoder itself: batches in runs, position embeddings of any grid, and the runtime's outputs as tensors. */
export class CompiledEncoder implements OnnxImageEncoder {
  readonly config: VisionConfig;
  readonly embeddingWidth: number;
  agreement: number | undefined;
  /** Position embeddings of the grid that was last encoded. */
  private positions: { readonly grid: string; readonly array: FloatArray } | undefined;

  constructor(
    private readonly program: OnnxProgram,
    /** [1 + P, W] of the size trained for, the class embedding added. */
    private readonly trainedPositions: Float32Array,
    config: ClipConfig,
    private readonly features: OnnxFeatures,
    readonly precision: OnnxPrecision,
  ) {
    this.config = config.vision;
    this.embeddingWidth = config.embeddingWidth;
  }

  async encode(images: tf.Tensor4D, options: EncodeImagesOptions = {}): Promise<ImageFeatures> {
    this.check(images, options);
    const [batch, height, width] = images.shape;
    const pixels = await images.data<'float32'>();
    const positions = this.positionsOf(height, width);
    const layers = [...new Set(options.layers ?? this.features.layers)].sort((a, b) => a - b);
    const names = ['image', ...layers.map(patchOutput)];
    const results = new Map<string, FloatArray>();
    const step = imagesPerRun(positions.shape[0]);
    const imageLength = height * width * 3;
    const sequences = allTokens(positions.shape[0]);
    for (let first = 0; first < batch; first += step) {
      const count = Math.min(step, batch - first);
      const values = pixels.subarray(first * imageLength, (first + count) * imageLength);
      const outputs = await this.program.run({
        images: { values, shape: [count, height, width, 3] },
        positions,
        sequences,
      });
      for (const name of names) place(results, name, outputs[name], first, batch);
    }
    const take = (name: string) => {
      const { values, shape } = results.get(name) as FloatArray;
      return tf.tensor(values, [...shape]);
    };
    return {
      image: take('image') as tf.Tensor2D,
      patches: new Map(layers.map((layer) => [layer, take(patchOutput(layer)) as tf.Tensor3D])),
    };
  }

  async encodeWindows(images: tf.Tensor4D, sizes: readonly number[]): Promise<WindowFeatures<tf.Tensor3D>> {
    this.check(images, {});
    const [batch, height, width] = images.shape;
    const { patchSize } = this.config;
    const tokens = [...new Set(sizes)].map(
      (size) => [size, windowTokens(height / patchSize, width / patchSize, size)] as const,
    );
    const pixels = await images.data<'float32'>();
    const length = height * width * 3;
    const found = tokens.map(
      ([size, ofWindows]) =>
        new Float32Array((batch * ofWindows.length * this.embeddingWidth) / (1 + size * size)),
    );
    for (let image = 0; image < batch; image++) {
      const values = pixels.subarray(image * length, (image + 1) * length);
      for (const [i, [size, ofWindows]] of tokens.entries()) {
        const embeddings = await this.windowsOf(
          { values, shape: [1, height, width, 3] },
          ofWindows,
          1 + size * size,
        );
        found[i].set(embeddings, image * embeddings.length);
      }
    }
    return new Map(
      tokens.map(([size], i) => [
        size,
        tf.tensor3d(found[i], [batch, found[i].length / (batch * this.embeddingWidth), this.embeddingWidth]),
      ]),
    );
  }

  dispose(): Promise<void> {
    return this.program.release();
  }

  /** Embeddings of some token sequences of one image, [windows, D]. */
  private async windowsOf(images: FloatArray, tokens: Int32Array, length: number): Promise<Float32Array> {
    const [, height, width] = images.shape;
    const positions = this.positionsOf(height, width);
    const embeddings = new Float32Array((tokens.length / length) * this.embeddingWidth);
    const step = imagesPerRun(length) * length;
    for (let first = 0; first < tokens.length; first += step) {
      const values = Float32Array.from(tokens.subarray(first, first + step));
      const sequences = { values, shape: [values.length / length, length] };
      const { image } = await this.program.run({ images, positions, sequences });
      embeddings.set(image.values, (first / length) * this.embeddingWidth);
    }
    return embeddings;
  }

  private positionsOf(height: number, width: number): FloatArray {
    const [rows, columns] = [height / this.config.patchSize, width / this.config.patchSize];
    const grid = `${rows}×${columns}`;
    if (this.positions?.grid !== grid) {
      const array = positionEmbeddings(this.trainedPositions, this.config, rows, columns);
      this.positions = { grid, array };
    }
    return this.positions.array;
  }

  /** What was not compiled in cannot be asked for; silently giving something else would be worse than an error. */
  private check(images: tf.Tensor4D, options: EncodeImagesOptions): void {
    const { imageSize, patchSize } = this.config;
    const [batch, height, width, channels] = images.shape;
    const fits = (side: number) => side > 0 && side % patchSize === 0;
    if (images.shape.length !== 4 || batch < 1 || channels !== 3 || !fits(height) || !fits(width)) {
      throw new ShapeError(
        'encode images',
        `[B, ${imageSize}, ${imageSize}, 3], or other sides that are multiples of ${patchSize}`,
        images.shape,
        'channels come last; see clipPreprocess()',
      );
    }
    const { layers = [], valueAttentionFrom, projectPatches } = { ...this.features, ...options };
    const same =
      valueAttentionFrom === this.features.valueAttentionFrom &&
      (layers.length === 0 || projectPatches === this.features.projectPatches) &&
      layers.every((layer) => this.features.layers.includes(layer));
    if (!same) {
      throw new ArgumentError(
        'encode images',
        `the features compiled in, ${JSON.stringify(this.features)}`,
        JSON.stringify(options),
        'give these options to createOnnxImageEncoder()',
      );
    }
  }
}

/** Tokens of one run: enough rows for full speed, few enough that what lies between two layers stays in the cache. */
const TOKENS_PER_RUN = 256;

/** One sequence of all tokens. */
function allTokens(count: number): FloatArray {
  return { values: Float32Array.from({ length: count }, (_, token) => token), shape: [1, count] };
}

function imagesPerRun(tokens: number): number {
  return Math.max(1, Math.floor(TOKENS_PER_RUN / tokens));
}

/** Copies an output of some of the images, [b, …], to where it belongs in that of all, [B, …]. */
function place(
  results: Map<string, FloatArray>,
  name: string,
  { values, shape: [count, ...rest] }: FloatArray,
  first: number,
  batch: number,
): void {
  if (count === batch) {
    results.set(name, { values, shape: [batch, ...rest] });
    return;
  }
  const length = values.length / count;
  let all = results.get(name);
  if (!all) {
    all = { values: new Float32Array(batch * length), shape: [batch, ...rest] };
    results.set(name, all);
  }
  all.values.set(values, first * length);
}
