import * as tf from '@tensorflow/tfjs';
import type {
  ClipConfig,
  EncodeImagesOptions,
  ImageFeatures,
  VisionConfig,
  WindowFeatures,
} from '../clip/index.js';
import { WeightReader } from '../clip/weight-reader.js';
import { ArgumentError } from '../errors.js';
import { createRng } from '../random/index.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import { agreement } from './agreement.js';
import { CompiledEncoder } from './compiled-encoder.js';
import { EncoderError } from './encoder-error.js';
import type { ImageEncoder } from './image-encoder.js';
import type { OnnxPrecision } from './onnx-layers.js';
import { OnnxProgram, type OnnxRuntime } from './onnx-runtime.js';
import { type OnnxFeatures, visionGraph } from './onnx-vision.js';

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
  /** As `VisionTower.encodeWindows`, by the same program: nothing more is held in memory for it. */
  encodeWindows(images: tf.Tensor4D, sizes: readonly number[]): Promise<WindowFeatures<tf.Tensor3D>>;
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
    return new CompiledEncoder(
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
  create: (precision: OnnxPrecision) => Promise<CompiledEncoder>,
  { imageSize }: VisionConfig,
  selfCheck: SelfCheckOptions,
): Promise<CompiledEncoder> {
  const { minimumCosine = 0.99, onFailure = 'throw' } = selfCheck;
  const images = selfCheck.images ?? probeImage(imageSize);
  const made: tf.Tensor[] = selfCheck.images ? [] : [images];
  const encode = async (encoder: CompiledEncoder): Promise<ImageFeatures> => {
    const features = await encoder.encode(images);
    made.push(features.image, ...features.patches.values());
    return features;
  };
  const encodeOnce = async (encoder: CompiledEncoder): Promise<ImageFeatures> => {
    try {
      return await encode(encoder);
    } finally {
      await encoder.dispose();
    }
  };
  let reduced: CompiledEncoder | undefined;
  try {
    const reference = selfCheck.reference ?? (await encodeOnce(await create('float32')));
    reduced = await create('int8');
    const cosine = await agreement(await encode(reduced), reference);
    const chosen = cosine >= minimumCosine ? reduced : undefined;
    if (!chosen && onFailure === 'throw') {
      throw new EncoderError(
        `createOnnxImageEncoder: features in int8 agree with float32 to a cosine of ${cosine.toPrecision(6)}, ` +
          `below ${minimumCosine}; use float32, or accept less by selfCheck.minimumCosine`,
      );
    }
    if (!chosen) await reduced.dispose();
    const encoder = chosen ?? (await create('float32'));
    encoder.agreement = cosine;
    return encoder;
  } catch (error) {
    await reduced?.dispose();
    throw error;
  } finally {
    tf.dispose(made);
  }
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
