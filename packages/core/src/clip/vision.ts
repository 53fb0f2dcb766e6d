import * as tf from '@tensorflow/tfjs';
import { ArgumentError, ShapeError } from '../errors.js';
import { type LayerNormWeights, layerNorm, resize } from '../tensor/index.js';
import type { ModelState } from '../training/model-state.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import type { ClipConfig, VisionConfig } from './config.js';
import { readTransformer, runBlock, type Transformer } from './transformer.js';
import { WeightReader } from './weight-reader.js';
import { type WindowFeatures, windowTokens } from './windows.js';

export interface EncodeImagesOptions {
  /** 1-based blocks whose patch tokens are wanted. @defaultValue none */
  layers?: readonly number[];
  /**
   * First block of the value-value path (PointAD section 3.2): from there on patch tokens are taken from a second
   * path that adds value-value attention only and is never fed back. The image embedding does not change.
   * @defaultValue absent: patch tokens of the ordinary path
   */
  valueAttentionFrom?: number;
  /** Whether patch tokens go through the last layer norm and the output projection. @defaultValue false */
  projectPatches?: boolean;
}

/** Features of a batch of images. Not of unit length, like those of the PyTorch towers: see `normalise`. */
export interface ImageFeatures {
  /** [B, D] */
  readonly image: tf.Tensor2D;
  /** Per wanted layer [B, P, D] when projected, else [B, P, W]; P patches in raster order, without class token. */
  readonly patches: ReadonlyMap<number, tf.Tensor3D>;
}

/** What {@link VisionTower.encodeBothPaths} gives. */
export type BothPaths = {
  readonly image: tf.Tensor2D;
  readonly patches: tf.Tensor3D;
  readonly valuePatches: tf.Tensor3D;
};

/** CLIP's vision transformer on the current backend. It owns its weights. */
export class VisionTower {
  private constructor(
    readonly config: VisionConfig,
    /** D, the length of an image embedding. */
    readonly embeddingWidth: number,
    private readonly weights: VisionWeights,
    private readonly tensors: readonly tf.Tensor[],
  ) {}

  /**
   * Reads the tower's weights (`visual.*`, OpenCLIP's names) from a checkpoint.
   *
   * @param state - For training: the weights become its parameters, under their names (see `clipCheckpoint`), and are its
   *   to free. @defaultValue constants, which the tower owns
   * @throws {@link FormatError} when a weight is missing or has another shape than `config` says.
   */
  static async load(
    checkpoint: Checkpoint,
    { vision, embeddingWidth, activation }: ClipConfig,
    state?: ModelState,
  ): Promise<VisionTower> {
    const reader = new WeightReader(checkpoint, state);
    try {
      const { width, patchSize, imageSize } = vision;
      const side = imageSize / patchSize;
      const weights: VisionWeights = {
        patchEmbedding: await reader.patchEmbedding('visual.conv1.weight', patchSize, width),
        classEmbedding: await reader.vector('visual.class_embedding', width),
        positionEmbedding: await reader.matrix('visual.positional_embedding', side * side + 1, width),
        lnPre: await reader.layerNorm('visual.ln_pre', width),
        transformer: await readTransformer(reader, 'visual.transformer', vision, activation),
        lnPost: await reader.layerNorm('visual.ln_post', width),
        projection: await reader.matrix('visual.proj', width, embeddingWidth),
      };
      return new VisionTower(vision, embeddingWidth, weights, reader.release());
    } catch (error) {
      tf.dispose(reader.release());
      throw error;
    }
  }

  /**
   * Features of images, differentiable to the pixels.
   *
   * @param images - [B, H, W, 3], preprocessed. H and W are multiples of the patch size; for other sizes than the
   *   configuration's the position embeddings are interpolated.
   * @throws {@link ShapeError} for other shapes, {@link ArgumentError} for a layer that does not exist.
   */
  encode(images: tf.Tensor4D, options: EncodeImagesOptions = {}): ImageFeatures {
    const { layers = [], valueAttentionFrom, projectPatches = false } = options;
    this.check(images, layers, valueAttentionFrom);
    const wanted = [...new Set(layers)].sort((a, b) => a - b);
    const { image, patches } = tf.tidy(() => {
      const patches: tf.Tensor3D[] = []; // in the order of `wanted`: tidy looks into arrays, not into maps
      const last = this.run(images, valueAttentionFrom, (layer, { tokens, valuePath }) => {
        if (wanted.includes(layer)) patches.push(this.patchTokens(valuePath ?? tokens, projectPatches));
      });
      return { image: this.classEmbedding(last.tokens), patches };
    });
    return { image, patches: new Map(wanted.map((layer, i) => [layer, patches[i]])) };
  }

  /**
   * The last block's projected patch tokens of both paths, in one run: a model that is to be used with value-value
   * attention has to be trained with it.
   *
   * @param images - [B, H, W, 3], as for {@link VisionTower.encode}.
   * @param valueAttentionFrom - First block of the value-value path.
   * @returns `image` [B, D], `patches` and `valuePatches` [B, P, D], not of unit length. The caller owns them.
   * @throws {@link ShapeError} for other images, {@link ArgumentError} for a block that does not exist.
   */
  encodeBothPaths(images: tf.Tensor4D, valueAttentionFrom: number): BothPaths {
    this.check(images, [], valueAttentionFrom);
    return tf.tidy(() => {
      const { tokens, valuePath = tokens } = this.run(images, valueAttentionFrom, () => {});
      return {
        image: this.classEmbedding(tokens),
        patches: this.patchTokens(tokens, true),
        valuePatches: this.patchTokens(valuePath, true),
      };
    });
  }

  /**
   * Embeddings of all square windows of patches at stride 1, each as if nothing but the window were there: the class
   * token and the window's patches, with the positions they have in the image, through the whole transformer.
   *
   * @param images - [B, H, W, 3], as for {@link VisionTower.encode}.
   * @param sizes - Sides of the windows in patches, e.g. `[2, 3]`.
   * @returns Per size [B, windows, D], windows in raster order. The caller owns them.
   * @throws {@link ShapeError} for other images, {@link ArgumentError} for a size that does not fit.
   */
  encodeWindows(images: tf.Tensor4D, sizes: readonly number[]): WindowFeatures<tf.Tensor3D> {
    this.check(images, [], undefined);
    const [batch, height, breadth] = images.shape;
    const [rows, columns] = [height / this.config.patchSize, breadth / this.config.patchSize];
    const wanted = [...new Set(sizes)].map((size) => ({ size, tokens: windowTokens(rows, columns, size) }));
    const embeddings = tf.tidy(() => {
      const tokens = this.embed(images);
      return wanted.map(({ size, tokens: ofWindows }) => {
        const length = 1 + size * size;
        const selected = tf.gather(tokens, tf.tensor1d(ofWindows, 'int32'), 1);
        const sequences = tf.reshape(selected, [-1, length, this.config.width]) as tf.Tensor3D;
        return tf.reshape(this.classEmbeddings(sequences), [batch, -1, this.embeddingWidth]) as tf.Tensor3D;
      });
    });
    return new Map(wanted.map(({ size }, i) => [size, embeddings[i]]));
  }

  /** Frees the weights. The tower is unusable afterwards. */
  dispose(): void {
    tf.dispose([...this.tensors]);
  }

  /** Tokens after all blocks; `visit` sees those after each. */
  private run(
    images: tf.Tensor4D,
    valueAttentionFrom: number | undefined,
    visit: (layer: number, tokens: PathTokens) => void,
  ): PathTokens {
    const { transformer } = this.weights;
    let tokens = this.embed(images);
    let valuePath: tf.Tensor3D | undefined;
    for (const [index, block] of transformer.blocks.entries()) {
      const layer = index + 1;
      const withValueAttention = valueAttentionFrom !== undefined && layer >= valueAttentionFrom;
      if (layer === valueAttentionFrom) valuePath = tokens;
      const output = runBlock(transformer, block, tokens, { withValueAttention });
      tokens = output.tokens;
      if (valuePath && output.valueAttention)
        valuePath = tf.add(valuePath, output.valueAttention) as tf.Tensor3D;
      visit(layer, { tokens, valuePath });
    }
    return { tokens, valuePath };
  }

  /** [B, H, W, 3] → [B, 1 + P, W]: class token, patches, positions, first layer norm. */
  private embed(images: tf.Tensor4D): tf.Tensor3D {
    const { patchSize, width } = this.config;
    const { patchEmbedding, classEmbedding, lnPre } = this.weights;
    const [batch, height, breadth] = images.shape;
    const [rows, columns] = [height / patchSize, breadth / patchSize];
    // A convolution whose stride is its kernel is a product with flattened patches: [B·rows, p, columns, p·3].
    const bands = tf.reshape(images, [batch * rows, patchSize, columns, patchSize * 3]);
    const flat = tf.reshape(tf.transpose(bands, [0, 2, 1, 3]), [batch * rows * columns, patchSize ** 2 * 3]);
    const embedded = tf.reshape(tf.matMul(flat as tf.Tensor2D, patchEmbedding), [
      batch,
      rows * columns,
      width,
    ]);
    const first = tf.add(tf.zeros([batch, 1, width]), classEmbedding);
    const tokens = tf.add(tf.concat([first, embedded], 1), this.positions(rows, columns));
    return layerNorm(tokens, lnPre) as tf.Tensor3D;
  }

  /** Position embeddings of a grid, [1 + rows·columns, W]. */
  private positions(rows: number, columns: number): tf.Tensor2D {
    const { imageSize, patchSize, width } = this.config;
    const { positionEmbedding } = this.weights;
    const side = imageSize / patchSize;
    if (rows === side && columns === side) return positionEmbedding;
    const grid = tf.reshape(tf.slice(positionEmbedding, [1, 0]), [1, side, side, width]) as tf.Tensor4D;
    const resized = tf.reshape(resize(grid, rows, columns), [rows * columns, width]);
    return tf.concat([tf.slice(positionEmbedding, [0, 0], [1, -1]), resized as tf.Tensor2D], 0);
  }

  /** Embedded sequences [M, T, W] → their image embeddings [M, D], some at a time. */
  private classEmbeddings(sequences: tf.Tensor3D): tf.Tensor2D {
    const { transformer } = this.weights;
    const [count, length] = sequences.shape;
    const step = Math.max(1, Math.floor(TOKENS_PER_RUN / length));
    const parts: tf.Tensor2D[] = [];
    for (let first = 0; first < count; first += step) {
      const part = tf.tidy(() => {
        let tokens: tf.Tensor3D = tf.slice(sequences, [first, 0, 0], [Math.min(step, count - first), -1, -1]);
        for (const block of transformer.blocks) tokens = runBlock(transformer, block, tokens).tokens;
        return this.classEmbedding(tokens);
      });
      parts.push(part);
    }
    return tf.concat(parts);
  }

  /** Projected class tokens, [B, D]. */
  private classEmbedding(tokens: tf.Tensor3D): tf.Tensor2D {
    return this.project(tf.squeeze(tf.slice(tokens, [0, 0, 0], [-1, 1, -1]), [1])) as tf.Tensor2D;
  }

  private patchTokens(tokens: tf.Tensor3D, project: boolean): tf.Tensor3D {
    const patches = tf.slice(tokens, [0, 1, 0], [-1, -1, -1]);
    return project ? (this.project(patches) as tf.Tensor3D) : patches;
  }

  private project(tokens: tf.Tensor): tf.Tensor {
    const { lnPost, projection } = this.weights;
    const flat = tf.reshape(layerNorm(tokens, lnPost), [-1, this.config.width]) as tf.Tensor2D;
    return tf.reshape(tf.matMul(flat, projection), [...tokens.shape.slice(0, -1), this.embeddingWidth]);
  }

  private check(
    images: tf.Tensor4D,
    layers: readonly number[],
    valueAttentionFrom: number | undefined,
  ): void {
    const { patchSize, imageSize, layers: depth } = this.config;
    const [, height, width, channels] = images.shape;
    const fits = (side: number) => side > 0 && side % patchSize === 0;
    if (images.shape.length !== 4 || channels !== 3 || !fits(height) || !fits(width)) {
      throw new ShapeError(
        'encode images',
        `[B, ${imageSize}, ${imageSize}, 3], or other sides that are multiples of ${patchSize}`,
        images.shape,
        'channels come last; see clipPreprocess()',
      );
    }
    for (const layer of valueAttentionFrom === undefined ? layers : [...layers, valueAttentionFrom]) {
      if (!Number.isInteger(layer) || layer < 1 || layer > depth) {
        throw new ArgumentError(
          'encode images',
          `layers from 1 to ${depth}`,
          layer,
          'blocks are counted from 1',
        );
      }
    }
  }
}

/** Tokens of windows that go through the transformer together: what lies between two layers stays within some MB. */
const TOKENS_PER_RUN = 1024;

/** [B, 1 + P, W], of the ordinary and, where there is one, of the value-value path. */
interface PathTokens {
  readonly tokens: tf.Tensor3D;
  readonly valuePath?: tf.Tensor3D;
}

interface VisionWeights {
  /** [p·p·3, W] */
  readonly patchEmbedding: tf.Tensor2D;
  readonly classEmbedding: tf.Tensor1D;
  /** [1 + P, W], class token first. */
  readonly positionEmbedding: tf.Tensor2D;
  readonly lnPre: LayerNormWeights;
  readonly transformer: Transformer;
  readonly lnPost: LayerNormWeights;
  /** [W, D] */
  readonly projection: tf.Tensor2D;
}
