import { linear, normalise } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import { blendedAdapter } from '../heads/adapter.js';
import { type HeadWeights, linearOf } from '../heads/weights.js';
import { anomalyDescriptor } from './anomaly-descriptor.js';
import type { FsacConfig } from './config.js';
import { adaptText, cosines, enhance, type HeadConfig } from './head.js';

/** What a score depends on besides the weights. */
export type ScoreConfig = HeadConfig & Pick<FsacConfig, 'tau'>;

/** Images with their texts after the head, each image alone. */
export interface AloneFeatures {
  /** CF, [N, C] */
  readonly image: tf.Tensor2D;
  /** CT₊ and CT₋ of each image, [N, C] */
  readonly normalText: tf.Tensor2D;
  readonly anomalousText: tf.Tensor2D;
}

/**
 * The head on images that know nothing of each other, as the paper's formulas read (`vtScope: 'image'`): a text that attends
 * to a single image takes all of it, so that VT is L_VT(TF) in both rows.
 *
 * @param image - F, [N, C].
 * @param text - T, [2, C].
 * @returns Differentiable to `image`. The caller owns it.
 */
export function enhanceAlone(
  image: tf.Tensor2D,
  text: tf.Tensor2D,
  weights: HeadWeights,
  config: HeadConfig,
): AloneFeatures {
  return tf.tidy(() => {
    const adaptedText = adaptText(text, weights, config);
    const read = config.adText === 'adapted' ? adaptedText : text;
    const { textDriven } = anomalyDescriptor(image, read, weights);
    const adaptedImage = blendedAdapter(image, weights, 'image', config.alpha);
    const visionDriven = linear(textDriven, linearOf(weights, 'image.to_out_image.0'));
    const shift = tf.mul(visionDriven, config.useVT ? config.gamma1 : 0);
    const textOf = (row: number) => tf.add(tf.slice(adaptedText, [row, 0], [1, -1]), shift) as tf.Tensor2D;
    return {
      image: config.useTF ? (tf.add(adaptedImage, textDriven) as tf.Tensor2D) : adaptedImage,
      normalText: textOf(0),
      anomalousText: textOf(1),
    };
  });
}

/**
 * The margin m of every image alone, (s(CF, CT₋) − s(CF, CT₊)) / τ, [N]: its score is {@link anomalyScore}(m) (section 9).
 * Differentiable to `image`. The caller owns it.
 */
export function marginsAlone(
  image: tf.Tensor2D,
  text: tf.Tensor2D,
  weights: HeadWeights,
  config: ScoreConfig,
): tf.Tensor1D {
  return tf.tidy(() => {
    const features = enhanceAlone(image, text, weights, config);
    const rows = normalise(features.image);
    const direction = tf.sub(normalise(features.anomalousText), normalise(features.normalText));
    return tf.div(tf.sum(tf.mul(rows, direction), 1), config.tau) as tf.Tensor1D;
  });
}

/**
 * AS = σ(m), in double precision: in float32 all margins above 17 would score 1 and tie, and τ lets margins reach 28.
 */
export function anomalyScore(margin: number): number {
  return 1 / (1 + Math.exp(-margin));
}

/** How images are put together when they are not scored alone. */
export interface GroupScoreOptions {
  /** Images of a group, in their order; the last may be smaller. */
  readonly size: number;
  /** Whether the texts drift from group to group, as in the released program's evaluation. */
  readonly drift: boolean;
}

/**
 * Margins of images whose texts attend to groups of them (`vtScope: 'batch'`), [N]: a score then depends on the other images of
 * its group, and with `drift` on how many groups came before. Batch b reads ψ = Aᵇ(T) and compares with Aᵇ⁺¹(T), A the
 * adapter of texts with its residual. The caller owns it.
 */
export function marginsInGroups(
  image: tf.Tensor2D,
  text: tf.Tensor2D,
  weights: HeadWeights,
  config: ScoreConfig,
  { size, drift }: GroupScoreOptions,
): tf.Tensor1D {
  return tf.tidy(() => {
    const margins: tf.Tensor1D[] = [];
    let drifted = text;
    for (let start = 0; start < image.shape[0]; start += size) {
      const group = tf.slice(image, [start, 0], [Math.min(size, image.shape[0] - start), -1]);
      const next = drift ? adaptText(drifted, weights, config) : undefined;
      const given = next ? { descriptorText: drifted, adaptedText: next } : {};
      const features = enhance(group, text, weights, config, given);
      margins.push(marginsOf(cosines(features.image, features.text), config.tau));
      if (next) drifted = next;
    }
    return tf.concat(margins);
  });
}

/** Of cosines [N, 2]. */
function marginsOf(similarities: tf.Tensor2D, tau: number): tf.Tensor1D {
  const column = (index: number) => tf.slice(similarities, [0, index], [-1, 1]);
  return tf.reshape(tf.div(tf.sub(column(1), column(0)), tau), [-1]) as tf.Tensor1D;
}
