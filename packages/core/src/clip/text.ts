import * as tf from '@tensorflow/tfjs';
import { ArgumentError, ShapeError } from '../errors.js';
import { type LayerNormWeights, layerNorm } from '../tensor/index.js';
import type { ModelState } from '../training/model-state.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import type { ClipConfig, TextConfig } from './config.js';
import { readTransformer, runBlock, type Transformer } from './transformer.js';
import { WeightReader } from './weight-reader.js';

export interface EncodeEmbeddingsOptions {
  /**
   * Learnable tokens of deeper blocks: entry i, [T, W], overwrites positions 1…T before block i + 2 (counted from 1),
   * the same for the whole batch and without position embedding (PointAD section 3.3). @defaultValue none
   */
  deepPrompts?: readonly tf.Tensor2D[];
}

/** CLIP's text transformer on the current backend. It owns its weights. */
export class TextTower {
  private constructor(
    readonly config: TextConfig,
    /** D, the length of a text embedding. */
    readonly embeddingWidth: number,
    private readonly weights: TextWeights,
    private readonly tensors: readonly tf.Tensor[],
  ) {}

  /**
   * Reads the tower's weights (OpenCLIP's names) from a checkpoint.
   *
   * @param state - For training: the weights become its parameters, under their names (see `clipCheckpoint`), and are its
   *   to free; the table of tokens is for {@link TextTower.embedSelection}. @defaultValue constants, which the tower owns
   * @throws {@link FormatError} when a weight is missing or has another shape than `config` says.
   */
  static async load(
    checkpoint: Checkpoint,
    { text, embeddingWidth, activation }: ClipConfig,
    state?: ModelState,
  ): Promise<TextTower> {
    const reader = new WeightReader(checkpoint, state);
    try {
      const { width, contextLength, vocabularySize } = text;
      const table = 'token_embedding.weight';
      const weights: TextWeights = {
        tokenEmbedding: state
          ? await reader.matrix(table, vocabularySize, width)
          : await reader.values(table, [vocabularySize, width]),
        positionEmbedding: await reader.matrix('positional_embedding', contextLength, width),
        transformer: await readTransformer(reader, 'transformer', text, activation),
        lnFinal: await reader.layerNorm('ln_final', width),
        projection: await reader.matrix('text_projection', width, embeddingWidth),
      };
      return new TextTower(text, embeddingWidth, weights, reader.release());
    } catch (error) {
      tf.dispose(reader.release());
      throw error;
    }
  }

  /**
   * Embeddings of texts.
   *
   * @param ids - Token ids per text, start and end tokens included, padded with zeros or not at all; the end token is
   *   the first one with the largest id.
   * @returns [B, D], not of unit length. The caller owns it.
   */
  encode(ids: readonly ArrayLike<number>[]): tf.Tensor2D {
    return tf.tidy(() => this.encodeEmbeddings(this.embed(ids), ids.map(endPosition)));
  }

  /**
   * Token embeddings, where learnable vectors can take the place of some: see {@link TextTower.encodeEmbeddings}.
   *
   * @param ids - As for {@link TextTower.encode}; rows may differ in length, short ones are padded with id 0.
   * @returns [B, L, W] with the longest row's L, without position embeddings. The caller owns it.
   */
  embed(ids: readonly ArrayLike<number>[]): tf.Tensor3D {
    const { width, contextLength, vocabularySize } = this.config;
    const length = Math.max(0, ...ids.map((row) => row.length));
    if (ids.length === 0 || length === 0 || length > contextLength) {
      throw new ShapeError('encode text', `[B, L] with B from 1 and L from 1 to ${contextLength}`, [
        ids.length,
        length,
      ]);
    }
    const { tokenEmbedding } = this.weights;
    if (!(tokenEmbedding instanceof Float32Array)) {
      throw new ArgumentError(
        'encode text',
        'a tower whose table of tokens is constant',
        'one in training',
        'use embedSelection',
      );
    }
    // Looked up outside the backend: the table of a real vocabulary is larger than a buffer of many GPUs may be.
    const values = new Float32Array(ids.length * length * width);
    for (const [row, tokens] of ids.entries()) {
      for (let position = 0; position < length; position++) {
        const id = position < tokens.length ? tokens[position] : 0;
        if (!Number.isInteger(id) || id < 0 || id >= vocabularySize) {
          throw new ArgumentError(
            'encode text',
            `token ids from 0 to ${vocabularySize - 1}`,
            id,
            "use this model's tokenizer",
          );
        }
        const from = tokenEmbedding.subarray(id * width, (id + 1) * width);
        values.set(from, (row * length + position) * width);
      }
    }
    return tf.tensor3d(values, [ids.length, length, width]);
  }

  /**
   * Token embeddings of a tower that was loaded for training, differentiable to the table.
   *
   * @param selection - [B, L, vocabulary], 1 at the id of each token, and zeros for padding.
   * @returns [B, L, W], without position embeddings. The caller owns it.
   */
  embedSelection(selection: tf.Tensor3D): tf.Tensor3D {
    const { tokenEmbedding } = this.weights;
    const { width, vocabularySize } = this.config;
    const [batch, length, entries] = selection.shape;
    if (tokenEmbedding instanceof Float32Array) {
      throw new ArgumentError(
        'encode text',
        'a tower loaded with a ModelState',
        'a constant one',
        'use embed',
      );
    }
    if (entries !== vocabularySize) {
      throw new ShapeError('encode text', `[B, L, ${vocabularySize}]`, selection.shape);
    }
    return tf.tidy(() => {
      const rows = tf.matMul(tf.reshape(selection, [batch * length, entries]), tokenEmbedding);
      return tf.reshape(rows, [batch, length, width]);
    });
  }

  /**
   * Embeddings of texts whose token embeddings are given, differentiable to them and to the deep prompts. Nothing after
   * an end token can influence it, so later positions are left out: the same result in less time.
   *
   * @param embeddings - [B, L, W], without position embeddings.
   * @param endPositions - Where each row's end token is; or [B, L], 1 there and 0 elsewhere, for which all L positions
   *   are computed.
   * @returns [B, D], not of unit length. The caller owns it.
   */
  encodeEmbeddings(
    embeddings: tf.Tensor3D,
    endPositions: readonly number[] | tf.Tensor2D,
    options: EncodeEmbeddingsOptions = {},
  ): tf.Tensor2D {
    const { deepPrompts = [] } = options;
    this.check(embeddings, endPositions, deepPrompts);
    return tf.tidy(() => {
      const { positionEmbedding, transformer, lnFinal, projection } = this.weights;
      const { width } = this.config;
      const batch = embeddings.shape[0];
      const { length, selection } = endTokens(endPositions);
      const mask = causalMask(length);
      let tokens: tf.Tensor3D = tf.add(
        tf.slice(embeddings, [0, 0, 0], [-1, length, -1]),
        tf.slice(positionEmbedding, [0, 0], [length, -1]),
      );
      for (const [index, block] of transformer.blocks.entries()) {
        if (index > 0 && index <= deepPrompts.length) tokens = overwrite(tokens, deepPrompts[index - 1]);
        tokens = runBlock(transformer, block, tokens, { mask }).tokens;
      }
      // The end tokens, picked by a product: gathering has no gradient on every backend.
      const picked = tf.matMul(tf.reshape(selection, [batch, 1, length]), tokens);
      const normalised = layerNorm(tf.reshape(picked, [batch, width]), lnFinal);
      return tf.matMul(normalised as tf.Tensor2D, projection);
    });
  }

  /** Frees the weights. The tower is unusable afterwards. */
  dispose(): void {
    tf.dispose([...this.tensors]);
  }

  private check(
    embeddings: tf.Tensor3D,
    endPositions: readonly number[] | tf.Tensor2D,
    deepPrompts: readonly tf.Tensor2D[],
  ): void {
    const { width, contextLength, layers } = this.config;
    const [batch, length, actualWidth] = embeddings.shape;
    if (embeddings.shape.length !== 3 || actualWidth !== width || length > contextLength) {
      throw new ShapeError('encode text', `[B, L ≤ ${contextLength}, ${width}]`, embeddings.shape);
    }
    if (endPositions instanceof tf.Tensor) {
      if (endPositions.shape.join() !== [batch, length].join()) {
        throw new ShapeError('encode text', `end positions [${batch}, ${length}]`, endPositions.shape);
      }
    } else if (endPositions.length !== batch) {
      throw new ShapeError('encode text', `${batch} end positions, one per row`, [endPositions.length]);
    }
    for (const position of endPositions instanceof tf.Tensor ? [] : endPositions) {
      if (!Number.isInteger(position) || position < 0 || position >= length) {
        throw new ArgumentError('encode text', `end positions from 0 to ${length - 1}`, position);
      }
    }
    if (deepPrompts.length >= layers) {
      throw new ArgumentError(
        'encode text',
        `fewer deep prompts than the ${layers} blocks`,
        deepPrompts.length,
      );
    }
    for (const prompt of deepPrompts) {
      if (prompt.shape[1] !== width || prompt.shape[0] >= length) {
        throw new ShapeError('encode text', `deep prompts [T < ${length}, ${width}]`, prompt.shape);
      }
    }
  }
}

/** Index of the end token: the first with the largest id. */
export function endPosition(ids: ArrayLike<number>): number {
  let end = 0;
  for (let i = 1; i < ids.length; i++) if (ids[i] > ids[end]) end = i;
  return end;
}

/** How many positions to compute, and [B, length] with 1 at the end tokens. */
function endTokens(endPositions: readonly number[] | tf.Tensor2D): {
  length: number;
  selection: tf.Tensor2D;
} {
  if (endPositions instanceof tf.Tensor) return { length: endPositions.shape[1], selection: endPositions };
  const length = Math.max(...endPositions) + 1;
  const selection = tf.oneHot(tf.tensor1d([...endPositions], 'int32'), length);
  return { length, selection: tf.cast(selection, 'float32') as tf.Tensor2D };
}

interface TextWeights {
  /** [vocabulary, W] row-major; outside the backend, unless it is trained. */
  readonly tokenEmbedding: Float32Array | tf.Tensor2D;
  /** [contextLength, W] */
  readonly positionEmbedding: tf.Tensor2D;
  readonly transformer: Transformer;
  readonly lnFinal: LayerNormWeights;
  /** [W, D] */
  readonly projection: tf.Tensor2D;
}

/** [N, N], hugely negative where a token would see a later one. Not −Infinity, which shaders may not keep. */
function causalMask(length: number): tf.Tensor2D {
  const mask = new Float32Array(length * length);
  for (let row = 0; row < length; row++) mask.fill(-1e9, row * length + row + 1, (row + 1) * length);
  return tf.tensor2d(mask, [length, length]);
}

function overwrite(tokens: tf.Tensor3D, prompt: tf.Tensor2D): tf.Tensor3D {
  const [batch, , width] = tokens.shape;
  const count = prompt.shape[0];
  // A product of zeros and a sum, not tile: the gradient of tile is missing on some ranks and backends.
  const repeated = tf.add(tf.zeros([batch, count, width]), prompt) as tf.Tensor3D;
  const first = tf.slice(tokens, [0, 0, 0], [-1, 1, -1]);
  return tf.concat([first, repeated, tf.slice(tokens, [0, 1 + count, 0], [-1, -1, -1])], 1);
}
