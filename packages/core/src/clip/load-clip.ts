import type * as tf from '@tensorflow/tfjs';
import type { ImageEncoder } from '../encoder/image-encoder.js';
import { ArgumentError } from '../errors.js';
import type { Image } from '../image/index.js';
import { type Checkpoint, type FileSource, openCheckpoint } from '../weights/index.js';
import { withOpenClipNames } from './checkpoint-names.js';
import { type ClipConfig, clipConfig } from './config.js';
import { inferClipConfig } from './infer-config.js';
import { parseClipConfig } from './parse-config.js';
import { preprocessImages } from './preprocess-images.js';
import { readText } from './read-text.js';
import { readTokenizer } from './read-tokenizer.js';
import { TextTower } from './text.js';
import type { TokenizeOptions, Tokenizer } from './tokenizer.js';
import { type EncodeImagesOptions, type ImageFeatures, VisionTower } from './vision.js';

export interface LoadClipOptions {
  /**
   * Which towers. The wasm heap holds a weight twice, never shrinks and ends at 4 GB: load the towers of a large model
   * one after the other. @defaultValue both
   */
  towers?: readonly ('vision' | 'text')[];
  /**
   * A configuration, or a name of `clipModelNames`. @defaultValue `open_clip_config.json` or `config.json` of the
   * files, else what the shapes of the weights say: see `inferClipConfig`
   */
  config?: ClipConfig | string;
  /** Name of the file of the weights. @defaultValue the only one there is: see `openCheckpoint` */
  weights?: string;
  /** @defaultValue the one that lies with the files: see `readTokenizer` */
  tokenizer?: Tokenizer;
  /** Makes the vision tower, e.g. by `createOnnxImageEncoder`. @defaultValue `VisionTower.load` */
  openImageEncoder?: (checkpoint: Checkpoint, config: ClipConfig) => Promise<ImageEncoder>;
}

/** A CLIP model that is ready to use. It owns its towers. */
export class Clip {
  private readonly parts: { vision?: ImageEncoder; text?: TextTower; tokenizer?: Tokenizer };

  /** Made by {@link loadClip}; or from parts, which it then owns. */
  constructor(
    readonly config: ClipConfig,
    parts: { vision?: ImageEncoder; text?: TextTower; tokenizer?: Tokenizer },
  ) {
    this.parts = { ...parts };
  }

  /** @throws {@link ArgumentError} when the model was loaded without it. */
  get vision(): ImageEncoder {
    return this.parts.vision ?? missing('vision tower', "towers: ['vision']");
  }

  /** @throws {@link ArgumentError} when the model was loaded without it. */
  get text(): TextTower {
    return this.parts.text ?? missing('text tower', "towers: ['text']");
  }

  /** @throws {@link ArgumentError} when the model was loaded without a text tower. */
  get tokenizer(): Tokenizer {
    return this.parts.tokenizer ?? missing('tokenizer', "towers: ['text']");
  }

  /** Images as the vision tower takes them, [B, size, size, 3]: see `preprocessImages`. The caller owns the tensor. */
  preprocess(images: Image | readonly Image[], size?: number): tf.Tensor4D {
    return preprocessImages(images, this.config, size);
  }

  /** Features of images as they come from a file, not of unit length. The caller owns them. */
  async encodeImages(
    images: Image | readonly Image[],
    options: EncodeImagesOptions = {},
  ): Promise<ImageFeatures> {
    const { vision } = this;
    const pixels = this.preprocess(images);
    try {
      return await vision.encode(pixels, options);
    } finally {
      pixels.dispose();
    }
  }

  /**
   * Embeddings of texts, [B, D], not of unit length. The caller owns them.
   *
   * @throws {@link TextTooLongError} when a text has more tokens than the model takes, unless `truncate` is set.
   */
  encodeText(texts: string | readonly string[], options: TokenizeOptions = {}): tf.Tensor2D {
    return this.text.encode(this.tokenizer.encode(typeof texts === 'string' ? [texts] : texts, options));
  }

  /** Frees the weights of its towers. It is unusable afterwards. */
  async dispose(): Promise<void> {
    this.parts.text?.dispose();
    await this.parts.vision?.dispose();
  }
}

/**
 * Opens a CLIP model: configuration, weights, tokenizer.
 *
 * @param files - A folder (`openFolder`), a snapshot of the hub, or files a browser was given: OpenCLIP's, OpenAI's or
 *   Hugging Face's, as they are published.
 * @throws {@link FormatError} when a file is missing, malformed, or its weights are those of another architecture.
 */
export async function loadClip(files: FileSource, options: LoadClipOptions = {}): Promise<Clip> {
  const { towers = ['vision', 'text'] } = options;
  const { openImageEncoder = (checkpoint, config) => VisionTower.load(checkpoint, config) } = options;
  for (const tower of towers) {
    if (tower !== 'vision' && tower !== 'text')
      throw new ArgumentError('loadClip', "towers 'vision' and 'text'", tower);
  }
  const stored = await openCheckpoint(files, options.weights);
  const parts: { vision?: ImageEncoder; text?: TextTower; tokenizer?: Tokenizer } = {};
  try {
    const checkpoint = withOpenClipNames(stored);
    const config = await configOf(files, checkpoint, options.config);
    if (towers.includes('text')) {
      parts.tokenizer = options.tokenizer ?? (await readTokenizer(files, config.text));
      parts.text = await TextTower.load(checkpoint, config);
    }
    if (towers.includes('vision')) parts.vision = await openImageEncoder(checkpoint, config);
    return new Clip(config, parts);
  } catch (error) {
    parts.text?.dispose();
    throw error;
  } finally {
    await stored.close();
  }
}

async function configOf(
  files: FileSource,
  checkpoint: Checkpoint,
  given: ClipConfig | string | undefined,
): Promise<ClipConfig> {
  if (given !== undefined) return typeof given === 'string' ? clipConfig(given) : given;
  const read = async (name: string) => (files.names.includes(name) ? readText(files, name) : undefined);
  const openClip = await read('open_clip_config.json');
  if (openClip !== undefined) return parseClipConfig(openClip);
  const huggingFace = await read('config.json');
  if (huggingFace !== undefined) {
    return parseClipConfig(huggingFace, await read('preprocessor_config.json'));
  }
  return inferClipConfig(checkpoint);
}

function missing(what: string, option: string): never {
  throw new ArgumentError(
    'Clip',
    `a model with its ${what}`,
    'a model without',
    `load it with { ${option} }`,
  );
}
