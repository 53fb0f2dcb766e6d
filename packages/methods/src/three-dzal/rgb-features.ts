import { ArgumentError } from '@anomclip/core';
import { type ChannelValues, clipPreprocess, type Image } from '@anomclip/core/image';
import type { ResNet } from '@anomclip/core/resnet';
import * as tf from '@tensorflow/tfjs';
import { poolFeatures } from '../btf/pool.js';

/** Mean and standard deviation of ImageNet's colours, channels in [0, 1]. */
const MEAN: ChannelValues = [0.485, 0.456, 0.406];
const STD: ChannelValues = [0.229, 0.224, 0.225];

/** Channels of stages 2 and 3 of every bottleneck ResNet. */
export const RGB_SIZE = 512 + 1024;

/**
 * The colour features of an image's patches, as BTF has them: stages 2 and 3 of a network trained on ImageNet, pooled.
 *
 * @param image - [H, W, 3], cleaned and padded like its points.
 * @param network - Usually Wide ResNet-50-2 with three stages loaded.
 * @returns [patches·patches, 1536] row-major.
 */
export async function rgbFeatures(
  image: Image,
  network: ResNet,
  { size, patches }: { readonly size: number; readonly patches: number },
): Promise<Float32Array> {
  const pixels = clipPreprocess(image, { size, resize: 'squash', mean: MEAN, std: STD });
  const stages = tf.tidy(() => [
    ...network.features(tf.tensor4d(pixels.data.slice(), [1, size, size, 3]), [2, 3]).values(),
  ]);
  try {
    const rows = new Float32Array(patches * patches * RGB_SIZE);
    let start = 0;
    for (const stage of stages) {
      const [, height, width, channels] = stage.shape;
      const pooled = poolFeatures(await stage.data<'float32'>(), height, width, channels, patches);
      for (let patch = 0; patch < patches * patches; patch++) {
        rows.set(pooled.subarray(patch * channels, (patch + 1) * channels), patch * RGB_SIZE + start);
      }
      start += channels;
    }
    return rows;
  } finally {
    tf.dispose(stages);
  }
}

/** @throws {@link ArgumentError} when a scan has no image although colours are asked for. */
export function imageOf(where: string, image: Image | undefined): Image {
  if (image) return image;
  throw new ArgumentError(where, 'scans with an image, as a colour network was given', 'one without');
}
