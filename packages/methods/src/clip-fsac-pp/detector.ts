import { ArgumentError, breathe } from '@anomclip/core';
import type { AnomalyMap, Image } from '@anomclip/core/image';
import * as tf from '@tensorflow/tfjs';
import { integerFrom, oneOf } from '../config-checks.js';
import type { Detector, Prediction, PredictOptions } from '../detector.js';
import { type HeadValues, type HeadWeights, tensorsOf } from '../heads/weights.js';
import type { FsacConfig } from './config.js';
import { type ClipVision, embedImages } from './embed.js';
import { type GradientMapOptions, gradientMap } from './gradient-map.js';
import { anomalyScore, enhanceAlone, marginsAlone, marginsInGroups } from './score.js';

/** An image for {@link FsacDetector}. */
export interface FsacSample {
  /** [H, W, 3] of any size. It is squeezed into the model's square. */
  readonly image: Image;
}

/** The CLIP that a head was trained on. */
export interface ClipIdentity {
  /** e.g. `ViT-B-16-plus-240 laion400m_e31`, which the paper uses. */
  readonly model: string;
  /** What tells its weights from all others: `checkpointKey` of `@anomclip/core/encoder`. */
  readonly key?: string;
}

/** What was learned, as it is saved. */
export interface FsacModel {
  readonly config: FsacConfig;
  /** Of the object. */
  readonly className: string;
  /** The head's tensors by name. */
  readonly head: HeadValues;
  /** T, the mean prompt embeddings, [2, D] row-major, row 0 normal. */
  readonly text: Float32Array;
  readonly clip: ClipIdentity;
}

export interface ScoreImagesOptions extends PredictOptions {
  /**
   * Which images the texts attend to: each image alone, or groups of consecutive ones, whose scores depend on each other.
   * @defaultValue 'image'
   */
  readonly vtScope?: 'image' | 'batch';
  /**
   * `'reference-code'` scores groups, and reproduces a mistake of the released evaluation besides: texts drift from group to
   * group. With test images in folder order the drift goes along with the labels, so this only explains printed tables and is
   * no result. @defaultValue 'clean'
   */
  readonly evalMode?: 'clean' | 'reference-code';
  /** Images of a group. @defaultValue 16 */
  readonly evalBatch?: number;
}

/** Rows to plot, e.g. by t-SNE. */
export interface FsacFeatures {
  /** CF, the images after the head, [N, D] row-major. */
  readonly enhanced: Float32Array;
  /** F, as CLIP gives them, [N, D] row-major. */
  readonly clip: Float32Array;
  /** D */
  readonly width: number;
}

/** CLIP-FSAC++, once it has been fitted or loaded. Its scores are probabilities: 0 normal, 1 anomalous. */
export interface FsacDetector extends Detector<FsacSample> {
  readonly model: FsacModel;
  /** The score of one image, which depends on no other. There is no map: see `gradientMap`. */
  predict(sample: FsacSample, options?: PredictOptions): Promise<Prediction>;
  /**
   * Scores of an ordered list of images, faster than one by one. Without options they are those of `predict`.
   *
   * @throws {@link ArgumentError} for an option that cannot work.
   */
  scoreImages(images: readonly Image[], options?: ScoreImagesOptions): Promise<Float64Array>;
  /** Features of images before and after the head, in the order of the images: put their labels beside them. */
  features(images: readonly Image[], options?: PredictOptions): Promise<FsacFeatures>;
  /**
   * |∂AS/∂x| averaged over the channels, [size, size] of the model's input (section 10): which pixels the score hangs on.
   *
   * @throws {@link EncoderError} when neither the CLIP nor `options.tower` can be differentiated, as with ONNX Runtime.
   */
  gradientMap(sample: FsacSample, options?: GradientMapOptions): Promise<AnomalyMap>;
}

/**
 * A detector from what was learned.
 *
 * @param clip - Its vision tower, which stays the caller's.
 * @throws {@link ArgumentError} when the model has embeddings of another width.
 */
export function createFsacDetector(clip: ClipVision, model: FsacModel): FsacDetector {
  const width = model.text.length / 2;
  if (width !== clip.config.embeddingWidth) {
    throw new ArgumentError(
      'CLIP-FSAC++',
      `a model with embeddings of ${width} numbers, ${model.clip.model}`,
      clip.config.embeddingWidth,
    );
  }
  return new HeadDetector(clip, model, width);
}

class HeadDetector implements FsacDetector {
  #tensors: { readonly text: tf.Tensor2D; readonly weights: HeadWeights } | undefined;

  constructor(
    private readonly clip: ClipVision,
    readonly model: FsacModel,
    private readonly width: number,
  ) {
    this.#tensors = {
      text: tf.tensor2d(model.text.slice(), [2, width]),
      weights: tensorsOf(model.head),
    };
  }

  async predict({ image }: FsacSample, options: PredictOptions = {}): Promise<Prediction> {
    const [imageScore] = await this.scoreImages([image], options);
    return { imageScore };
  }

  async scoreImages(images: readonly Image[], options: ScoreImagesOptions = {}): Promise<Float64Array> {
    const { signal, vtScope = 'image', evalMode = 'clean', evalBatch = 16 } = options;
    checkScoreOptions(vtScope, evalMode, evalBatch);
    const { text, weights } = this.tensors();
    const drift = evalMode === 'reference-code';
    const [margins] = await this.read(images, signal, (embeddings) => {
      const margins =
        drift || vtScope === 'batch'
          ? marginsInGroups(embeddings, text, weights, this.model.config, { size: evalBatch, drift })
          : marginsAlone(embeddings, text, weights, this.model.config);
      return [margins];
    });
    return Float64Array.from(margins, anomalyScore);
  }

  async features(images: readonly Image[], { signal }: PredictOptions = {}): Promise<FsacFeatures> {
    const { text, weights } = this.tensors();
    const [enhanced, clip] = await this.read(images, signal, (embeddings) => {
      const { image } = enhanceAlone(embeddings, text, weights, this.model.config);
      return [image, tf.clone(embeddings)];
    });
    return { enhanced, clip, width: this.width };
  }

  async gradientMap({ image }: FsacSample, options: GradientMapOptions = {}): Promise<AnomalyMap> {
    await breathe(options.signal);
    const { text, weights } = this.tensors();
    const margin = (embedding: tf.Tensor2D) => marginsAlone(embedding, text, weights, this.model.config);
    return gradientMap(this.clip, image, margin, options);
  }

  dispose(): void {
    if (this.#tensors) tf.dispose([this.#tensors.text, Object.values(this.#tensors.weights)]);
    this.#tensors = undefined;
  }

  /** Values of tensors that are computed from the images' embeddings. */
  private async read(
    images: readonly Image[],
    signal: AbortSignal | undefined,
    compute: (embeddings: tf.Tensor2D) => tf.Tensor[],
  ): Promise<Float32Array[]> {
    if (images.length === 0) throw new ArgumentError('FsacDetector', 'at least one image', 'none');
    const embeddings = await embedImages(this.clip, images, signal);
    let computed: tf.Tensor[] = [];
    try {
      this.tensors(); // it may have been disposed meanwhile
      computed = tf.tidy(() => compute(embeddings));
      const values = await Promise.all(computed.map((tensor) => tensor.data<'float32'>()));
      return values.map((each) => each.slice());
    } finally {
      tf.dispose([embeddings, computed]);
    }
  }

  private tensors() {
    if (this.#tensors) return this.#tensors;
    throw new ArgumentError('FsacDetector', 'a detector that has not been disposed', 'one that has');
  }
}

function checkScoreOptions(vtScope: string, evalMode: string, evalBatch: number): void {
  oneOf('scoreImages', 'vtScope', vtScope, ['image', 'batch']);
  oneOf('scoreImages', 'evalMode', evalMode, ['clean', 'reference-code']);
  integerFrom('scoreImages', 'evalBatch', evalBatch, 1);
}
