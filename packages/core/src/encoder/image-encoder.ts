import type * as tf from '@tensorflow/tfjs';
import type { EncodeImagesOptions, ImageFeatures, VisionConfig, WindowFeatures } from '../clip/index.js';

/**
 * Anything that turns images into CLIP features: a `VisionTower` on TensorFlow.js, or ONNX Runtime. Methods depend on
 * this, never on one particular engine; the numbers are the same.
 */
export interface ImageEncoder {
  readonly config: VisionConfig;
  /** D, the length of an image embedding. */
  readonly embeddingWidth: number;
  /**
   * @param images - [B, H, W, 3], preprocessed.
   * @returns Features that the caller owns.
   */
  encode(images: tf.Tensor4D, options?: EncodeImagesOptions): ImageFeatures | Promise<ImageFeatures>;
  /**
   * Embeddings of all square windows of patches, for methods that look at windows: see `VisionTower.encodeWindows`.
   * Optional: both engines of this package have it, others need not.
   *
   * @param sizes - Sides of the windows in patches.
   * @returns Per size [B, windows, D], which the caller owns.
   */
  encodeWindows?(
    images: tf.Tensor4D,
    sizes: readonly number[],
  ): WindowFeatures<tf.Tensor3D> | Promise<WindowFeatures<tf.Tensor3D>>;
  /** Frees the weights. The encoder is unusable afterwards. */
  dispose(): void | Promise<void>;
}
