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
