import * as tf from '@tensorflow/tfjs';
import type { ClipConfig, EncodeImagesOptions, ImageFeatures, VisionConfig } from '../clip/index.js';
import { ArgumentError, ShapeError } from '../errors.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import type { ImageEncoder } from './image-encoder.js';
import { type OnnxFeatures, patchOutput, visionGraph } from './onnx-vision.js';

/** The part of `onnxruntime-node` and `onnxruntime-web` that is used; both packages fit as they are. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options?: Record<string, unknown>): Promise<OnnxSession>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OnnxTensor;
}

export interface OnnxSession {
  run(feeds: Record<string, OnnxTensor>): Promise<Record<string, OnnxTensor>>;
  release(): Promise<void>;
}

export interface OnnxTensor {
  readonly data: unknown;
  readonly dims: readonly number[];
  dispose?(): void;
}

export interface OnnxImageEncoderOptions extends EncodeImagesOptions {
  /** Passed to the runtime: execution providers, threads, … @defaultValue the runtime's own */
  session?: Record<string, unknown>;
}

/**
 * The vision tower on ONNX Runtime: the fastest way to encode images with frozen weights on a CPU, with the same
 * numbers as `VisionTower`. The graph is made in memory from the weights, so no exported file is needed.
 *
 * @param ort - `await import('onnxruntime-node')` or `await import('onnxruntime-web')`.
 * @param options - Which features are wanted. They are compiled in: `encode` gives these and no others.
 * @throws {@link FormatError} when a weight is missing or has another shape than `config` says.
 */
export async function createOnnxImageEncoder(
  ort: OnnxRuntime,
  checkpoint: Checkpoint,
  config: ClipConfig,
  options: OnnxImageEncoderOptions = {},
): Promise<ImageEncoder> {
  const { layers = [], valueAttentionFrom, projectPatches = false, session: sessionOptions } = options;
  for (const layer of valueAttentionFrom === undefined ? layers : [...layers, valueAttentionFrom]) {
    if (!Number.isInteger(layer) || layer < 1 || layer > config.vision.layers) {
      throw new ArgumentError('createOnnxImageEncoder', `layers from 1 to ${config.vision.layers}`, layer);
    }
  }
  const features: OnnxFeatures = {
    layers: [...layers].sort((a, b) => a - b),
    valueAttentionFrom,
    projectPatches,
  };
  const model = await visionGraph(checkpoint, config, features).write();
  const session = await ort.InferenceSession.create(model, sessionOptions);
  return new OnnxImageEncoder(ort, session, config.vision, config.embeddingWidth, features);
}

class OnnxImageEncoder implements ImageEncoder {
  constructor(
    private readonly ort: OnnxRuntime,
    private readonly session: OnnxSession,
    readonly config: VisionConfig,
    readonly embeddingWidth: number,
    private readonly features: OnnxFeatures,
  ) {}

  async encode(images: tf.Tensor4D, options: EncodeImagesOptions = {}): Promise<ImageFeatures> {
    this.check(images, options);
    const pixels = await images.data<'float32'>();
    const outputs = await this.session.run({ images: new this.ort.Tensor('float32', pixels, images.shape) });
    const take = (name: string) => {
      const { data, dims } = outputs[name];
      return tf.tensor(data as Float32Array, [...dims]);
    };
    const { layers = this.features.layers } = options;
    return {
      image: take('image') as tf.Tensor2D,
      patches: new Map(layers.map((layer) => [layer, take(patchOutput(layer)) as tf.Tensor3D])),
    };
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }

  /** What was not compiled in cannot be asked for; silently giving something else would be worse than an error. */
  private check(images: tf.Tensor4D, options: EncodeImagesOptions): void {
    const { imageSize } = this.config;
    if (images.shape.length !== 4 || images.shape.slice(1).join() !== `${imageSize},${imageSize},3`) {
      throw new ShapeError(
        'encode images',
        `[B, ${imageSize}, ${imageSize}, 3]`,
        images.shape,
        'see clipPreprocess()',
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
