import * as tf from '@tensorflow/tfjs';
import type { ClipConfig, EncodeImagesOptions, ImageFeatures, VisionConfig } from '../clip/index.js';
import { WeightReader } from '../clip/weight-reader.js';
import { ArgumentError, ShapeError } from '../errors.js';
import { createRng } from '../random/index.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import { agreement } from './agreement.js';
import { EncoderError } from './encoder-error.js';
import type { ImageEncoder } from './image-encoder.js';
import type { OnnxPrecision } from './onnx-layers.js';
import { type FloatArray, OnnxProgram, type OnnxRuntime } from './onnx-runtime.js';
import { type OnnxFeatures, patchOutput, visionGraph } from './onnx-vision.js';
import { positionEmbeddings } from './position-embeddings.js';

export interface OnnxImageEncoderOptions extends EncodeImagesOptions {
  /**
   * `'int8'` holds the linear layers in 8 bits, one scale per output, and multiplies with activations that are rounded
   * to 8 bits as they come: a quarter of the memory and, on processors with VNNI, a fraction of the time.
   * @defaultValue `'float32'`
   */
  precision?: OnnxPrecision;
  /** How `'int8'` is compared with float32 before it is used; `false` where these weights have passed before. */
  selfCheck?: SelfCheckOptions | false;
  /** Passed to the runtime: execution providers, threads, … @defaultValue the runtime's own */
  session?: Record<string, unknown>;
}

export interface SelfCheckOptions {
  /** [B, H, W, 3], preprocessed: images like those to be encoded. @defaultValue one made image */
  images?: tf.Tensor4D;
  /**
   * Features of `images` in float32, with the same layers and options.
   * @defaultValue computed: for a moment the float32 model is in memory
   */
  reference?: ImageFeatures;
  /** The smallest {@link OnnxImageEncoder.agreement} that is accepted. @defaultValue 0.99 */
  minimumCosine?: number;
  /** What happens below it: an {@link EncoderError}, or an encoder in float32. @defaultValue `'throw'` */
  onFailure?: 'throw' | 'float32';
}

export interface OnnxImageEncoder extends ImageEncoder {
  /** What it computes with, after the self-check. */
  readonly precision: OnnxPrecision;
  /**
   * How well the reduced precision agreed with float32 in the self-check: the cosine between corresponding features,
   * averaged over the rows of an output; of all outputs, the smallest. Absent when there was none.
   */
  readonly agreement: number | undefined;
  encode(images: tf.Tensor4D, options?: EncodeImagesOptions): Promise<ImageFeatures>;
  /** Frees the weights once encodings under way are over. A second call changes nothing. */
  dispose(): Promise<void>;
}

/**
 * The vision tower on ONNX Runtime: the fastest way to encode images with frozen weights on a CPU, with the same
 * numbers as `VisionTower`. The graph is made in memory from the weights, so no exported file is needed.
 *
 * @param ort - `await import('onnxruntime-node')` or `await import('onnxruntime-web')`.
 * @param options - Which features are wanted. They are compiled in: `encode` gives these and no others.
 * @throws {@link FormatError} when a weight is missing or has another shape than `config` says; {@link EncoderError}
 *   when the runtime cannot load the model, or when reduced precision fails its self-check.
 */
export async function createOnnxImageEncoder(
  ort: OnnxRuntime,
  checkpoint: Checkpoint,
  config: ClipConfig,
  options: OnnxImageEncoderOptions = {},
): Promise<OnnxImageEncoder> {
  const { precision = 'float32' } = options;
  const features = checkedFeatures(config, options);
  if (precision !== 'float32' && precision !== 'int8') {
    throw new ArgumentError('createOnnxImageEncoder', "precision 'float32' or 'int8'", precision);
  }
  const create = async (wanted: OnnxPrecision) => {
    const positions = await readPositions(checkpoint, config.vision);
    const model = await visionGraph(checkpoint, config, features, wanted).write();
    return new Encoder(
      await OnnxProgram.load(ort, model, options.session),
      positions,
      config,
      features,
      wanted,
    );
  };
  const { selfCheck = {} } = options;
  if (precision === 'float32' || selfCheck === false) return create(precision);
  return createReduced(create, config.vision, selfCheck);
}

/** An encoder in 8 bits that has been compared with float32. One model is in memory at a time. */
async function createReduced(
  create: (precision: OnnxPrecision) => Promise<Encoder>,
  { imageSize }: VisionConfig,
  selfCheck: SelfCheckOptions,
): Promise<Encoder> {
  const { minimumCosine = 0.99, onFailure = 'throw' } = selfCheck;
  const images = selfCheck.images ?? probeImage(imageSize);
  const made: (ImageFeatures | tf.Tensor)[] = selfCheck.images ? [] : [images];
  try {
    let { reference } = selfCheck;
    if (!reference) {
      const exact = await create('float32');
      try {
        reference = await exact.encode(images);
        made.push(reference);
      } finally {
        await exact.dispose();
      }
    }
    const reduced = await create('int8');
    try {
      const features = await reduced.encode(images);
      made.push(features);
      reduced.agreement = await agreement(reference, features);
      if (reduced.agreement >= minimumCosine) return reduced;
    } catch (error) {
      await reduced.dispose();
      throw error;
    }
    await reduced.dispose();
    if (onFailure === 'throw') {
      throw new EncoderError(
        `createOnnxImageEncoder: features in int8 agree with float32 to a cosine of ${reduced.agreement.toPrecision(6)}, ` +
          `below ${minimumCosine}; use float32, or accept less by selfCheck.minimumCosine`,
      );
    }
    const exact = await create('float32');
    exact.agreement = reduced.agreement;
    return exact;
  } finally {
    for (const features of made) disposeFeatures(features);
  }
}

class Encoder implements OnnxImageEncoder {
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
    for (let first = 0; first < batch; first += step) {
      const count = Math.min(step, batch - first);
      const values = pixels.subarray(first * imageLength, (first + count) * imageLength);
      const outputs = await this.program.run({
        images: { values, shape: [count, height, width, 3] },
        positions,
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

  dispose(): Promise<void> {
    return this.program.release();
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

function checkedFeatures(config: ClipConfig, options: OnnxImageEncoderOptions): OnnxFeatures {
  const { layers = [], valueAttentionFrom, projectPatches = false } = options;
  for (const layer of valueAttentionFrom === undefined ? layers : [...layers, valueAttentionFrom]) {
    if (!Number.isInteger(layer) || layer < 1 || layer > config.vision.layers) {
      throw new ArgumentError('createOnnxImageEncoder', `layers from 1 to ${config.vision.layers}`, layer);
    }
  }
  return { layers: [...new Set(layers)].sort((a, b) => a - b), valueAttentionFrom, projectPatches };
}

async function readPositions(
  checkpoint: Checkpoint,
  { imageSize, patchSize, width }: VisionConfig,
): Promise<Float32Array> {
  const reader = new WeightReader(checkpoint);
  const tokens = (imageSize / patchSize) ** 2 + 1;
  const positions = await reader.values('visual.positional_embedding', [tokens, width]);
  const classEmbedding = await reader.values('visual.class_embedding', [width]);
  for (let i = 0; i < width; i++) positions[i] += classEmbedding[i];
  return positions;
}

/** Waves and noise with the range of a preprocessed photograph: something on every scale. */
function probeImage(size: number): tf.Tensor4D {
  const rng = createRng('onnx probe');
  const values = Float32Array.from({ length: size * size * 3 }, (_, i) => {
    const [row, column, channel] = [Math.floor(i / (3 * size)), Math.floor(i / 3) % size, i % 3];
    const wave = Math.sin((7 * row) / size + channel) + Math.cos((23 * column) / size);
    return 0.7 * wave + 0.3 * rng.normal();
  });
  return tf.tensor4d(values, [1, size, size, 3]);
}

function disposeFeatures(features: ImageFeatures | tf.Tensor): void {
  if (features instanceof tf.Tensor) features.dispose();
  else tf.dispose([features.image, [...features.patches.values()]]);
}
