import { parseClipConfig, TextTower, VisionTower } from '@anomclip/core/clip';
import * as tf from '@tensorflow/tfjs';
import { checkpointOf, errorOf, type Golden, imagesOf, patchRows } from '../golden.js';
import type { Compare } from '../parity.js';

/** OpenCLIP's towers: every block's tokens and both embeddings. */
export async function checkClip(golden: Golden, compare: Compare): Promise<void> {
  const config = parseClipConfig(`{ "model_cfg": ${golden.setting('config')} }`);
  const tolerance = tf.getBackend() === 'webgpu' ? 2e-3 : 2e-5;
  const vision = await VisionTower.load(checkpointOf(golden), config);
  const images = imagesOf(golden, 'input.image_nchw');
  const layers = Array.from({ length: config.vision.layers }, (_, i) => i + 1);
  const features = vision.encode(images, { layers });
  compare('image_features', await errorOf(features.image, golden.values('output.image_features')), tolerance);
  for (const [layer, patches] of features.patches) {
    compare(
      `block_${layer}_tokens`,
      await errorOf(patches, patchRows(golden, `output.block_${layer}_tokens`)),
      tolerance,
    );
  }
  tf.dispose([images, features.image, [...features.patches.values()]]);
  vision.dispose();

  const text = await TextTower.load(checkpointOf(golden), config);
  const [rows, length] = golden.shape('input.text_ids');
  const ids = golden.values('input.text_ids');
  const embeddings = text.encode(
    Array.from({ length: rows }, (_, i) => ids.subarray(i * length, (i + 1) * length)),
  );
  compare('text_features', await errorOf(embeddings, golden.values('output.text_features')), tolerance);
  embeddings.dispose();
  text.dispose();
}

/** The frozen part of PointAD: the embedding and the value-value patch features. Its training comes with the method. */
export async function checkPointadFeatures(golden: Golden, compare: Compare): Promise<void> {
  const config = pointadConfig(golden);
  const tolerance = tf.getBackend() === 'webgpu' ? 2e-3 : 5e-5;
  const vision = await VisionTower.load(checkpointOf(golden), config);
  const images = imagesOf(golden, 'input.renderings_nchw');
  const layers = JSON.parse(golden.setting('feature_layers') ?? '[]') as number[];
  const replaced = Number(golden.setting('dpam_layers_argument')) - 1;
  const features = vision.encode(images, {
    layers,
    valueAttentionFrom: config.vision.layers - replaced + 1,
    projectPatches: true,
  });
  const expected = golden.values('output.image_features_unnormalised');
  compare('image_features', await errorOf(features.image, expected), tolerance);
  for (const [layer, patches] of features.patches) {
    const name = `output.patch_features_layer_${layer}`;
    compare(name.slice(7), await errorOf(patches, patchRows(golden, name)), tolerance);
  }
  tf.dispose([images, features.image, [...features.patches.values()]]);
  vision.dispose();
}

function pointadConfig(golden: Golden): ClipConfig {
  const json = JSON.parse(golden.setting('config') ?? '{}') as Record<string, number>;
  return {
    embeddingWidth: json.embed_dim,
    activation: 'quick-gelu',
    vision: {
      imageSize: json.image_resolution,
      patchSize: json.vision_patch_size,
      width: json.vision_width,
      layers: json.vision_layers,
      heads: Number(golden.setting('heads_vision')),
      mlpWidth: 4 * json.vision_width,
    },
    text: {
      contextLength: json.context_length,
      vocabularySize: json.vocab_size,
      width: json.transformer_width,
      layers: json.transformer_layers,
      heads: json.transformer_heads,
      mlpWidth: 4 * json.transformer_width,
    },
    preprocess: clipPreprocessing,
  };
}

export function checkpointOf(golden: Golden): Checkpoint {
  const names = golden.names.filter((name) => name.startsWith('weights.'));
  return {
    shapes: new Map(names.map((name) => [name.slice('weights.'.length), golden.shape(name)])),
    read: async (name) => Float32Array.from(golden.values(`weights.${name}`)),
  };
}

export function imagesOf(golden: Golden, name: string): tf.Tensor4D {
  const [batch, channels, height, width] = golden.shape(name);
  return tf.tidy(() =>
    tf.transpose(tf.tensor4d(golden.float32(name).data, [batch, channels, height, width]), [0, 2, 3, 1]),
  );
}

/** The rows of [B, 1 + P, W] without those of the class token. */
function patchRows(golden: Golden, name: string): Float64Array {
  const [, tokens, width] = golden.shape(name);
  return golden.values(name).filter((_, i) => Math.floor(i / width) % tokens !== 0);
}

async function errorOf(actual: tf.Tensor, expected: Float64Array): Promise<number> {
  return largestError(await actual.data(), expected);
}
