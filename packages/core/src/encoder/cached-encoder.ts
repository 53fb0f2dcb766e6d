import * as tf from '@tensorflow/tfjs';
import type { EncodeImagesOptions, ImageFeatures, VisionConfig } from '../clip/index.js';
import { contentKey } from './content-key.js';
import type { FeatureCache, Features } from './feature-cache.js';
import type { ImageEncoder } from './image-encoder.js';

export interface CachedEncoderOptions {
  /**
   * What tells the encoder's weights from all others: `await checkpointKey(checkpoint)`, or the sha256 of their file.
   * Features of two backends differ in their last digits; say so here if that matters.
   */
  weights: string;
}

/**
 * An encoder that encodes each image once: features are kept by the content of the image, the weights and the options.
 * Of a batch only those images go to `encoder` that the cache does not know.
 *
 * @param encoder - Kept, and freed by `dispose` of the result.
 * @param cache - Kept; several encoders may share it.
 */
export function cachedEncoder(
  encoder: ImageEncoder,
  cache: FeatureCache,
  { weights }: CachedEncoderOptions,
): ImageEncoder {
  return new CachedEncoder(encoder, cache, weights);
}

class CachedEncoder implements ImageEncoder {
  /** Not cached. */
  readonly encodeWindows?: NonNullable<ImageEncoder['encodeWindows']>;

  constructor(
    private readonly encoder: ImageEncoder,
    private readonly cache: FeatureCache,
    private readonly weights: string,
  ) {
    if (encoder.encodeWindows) this.encodeWindows = encoder.encodeWindows.bind(encoder);
  }

  get config(): VisionConfig {
    return this.encoder.config;
  }

  get embeddingWidth(): number {
    return this.encoder.embeddingWidth;
  }

  async encode(images: tf.Tensor4D, options: EncodeImagesOptions = {}): Promise<ImageFeatures> {
    // The encoder has its own words for what is no batch of images.
    if (images.shape.length !== 4 || images.shape[0] === 0) return this.encoder.encode(images, options);
    const keys = await this.keysOf(images, options);
    const known = new Map<string, Features>();
    for (const key of new Set(keys)) {
      const features = await this.cache.get(key);
      if (features?.get('image')?.shape.join() === String(this.embeddingWidth)) known.set(key, features);
    }
    const missing = [...new Set(keys)].filter((key) => !known.has(key));
    if (missing.length > 0) {
      const rows = missing.map((key) => keys.indexOf(key));
      const found = await this.encodeRows(images, rows, options);
      for (const [i, key] of missing.entries()) {
        known.set(key, found[i]);
        await this.cache.set(key, found[i]);
      }
    }
    return joined(keys.flatMap((key) => known.get(key) ?? []));
  }

  async dispose(): Promise<void> {
    await this.encoder.dispose();
  }

  private async keysOf(images: tf.Tensor4D, options: EncodeImagesOptions): Promise<string[]> {
    const { layers, valueAttentionFrom, projectPatches } = options;
    const wanted = layers && [...new Set(layers)].sort((a, b) => a - b);
    const [count, ...shape] = images.shape;
    const description = { weights: this.weights, shape, layers: wanted, valueAttentionFrom, projectPatches };
    const pixels = await images.data<'float32'>();
    const size = pixels.length / count;
    return Promise.all(
      Array.from({ length: count }, (_, i) =>
        contentKey(description, pixels.subarray(i * size, (i + 1) * size)),
      ),
    );
  }

  private async encodeRows(
    images: tf.Tensor4D,
    rows: readonly number[],
    options: EncodeImagesOptions,
  ): Promise<Features[]> {
    const isWhole = rows.length === images.shape[0];
    const chosen = isWhole ? tf.clone(images) : takeRows(images, rows);
    try {
      const { image, patches } = await this.encoder.encode(chosen, options);
      try {
        return await split(
          new Map<string, tf.Tensor>([
            ['image', image],
            ...[...patches].map(([layer, tokens]) => [`patches/${layer}`, tokens] as const),
          ]),
        );
      } finally {
        tf.dispose([image, ...patches.values()]);
      }
    } finally {
      chosen.dispose();
    }
  }
}

function takeRows(images: tf.Tensor4D, rows: readonly number[]): tf.Tensor4D {
  return tf.tidy(() => tf.concat(rows.map((row) => tf.slice(images, [row, 0, 0, 0], [1, -1, -1, -1]))));
}

/** Features of a batch, image by image. */
async function split(batch: ReadonlyMap<string, tf.Tensor>): Promise<Features[]> {
  const features: Map<string, { shape: number[]; data: Float32Array<ArrayBuffer> }>[] = [];
  for (const [name, tensor] of batch) {
    const [count, ...shape] = tensor.shape;
    const values = await tensor.data<'float32'>();
    const size = values.length / count;
    for (let i = 0; i < count; i++) {
      features[i] ??= new Map();
      features[i].set(name, { shape, data: Float32Array.from(values.subarray(i * size, (i + 1) * size)) });
    }
  }
  return features;
}

/** Features of single images as those of their batch; all have the same names and shapes. */
function joined(features: readonly Features[]): ImageFeatures {
  const stack = (name: string): tf.Tensor => {
    const parts = features.flatMap((one) => one.get(name) ?? []);
    const [{ shape, data }] = parts;
    const values = new Float32Array(parts.length * data.length);
    for (const [i, part] of parts.entries()) values.set(part.data, i * data.length);
    return tf.tensor(values, [parts.length, ...shape]);
  };
  const layers = [...features[0].keys()].flatMap((name) =>
    name.startsWith('patches/') ? [Number(name.slice(8))] : [],
  );
  return {
    image: stack('image') as tf.Tensor2D,
    patches: new Map(
      layers.sort((a, b) => a - b).map((layer) => [layer, stack(`patches/${layer}`) as tf.Tensor3D]),
    ),
  };
}
