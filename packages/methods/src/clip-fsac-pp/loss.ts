import * as tf from '@tensorflow/tfjs';
import { crossEntropy, pairContrastiveLoss } from '../losses/index.js';
import { cosines, type EnhancedFeatures } from './head.js';

/** Section 7 of CLIP-FSAC++'s specification. */
export interface FsacLossConfig {
  /** τ of the cross-entropy and of the score. */
  readonly tau: number;
  /** γ₂: weight of the cross-entropy. */
  readonly gamma2: number;
  /** The texts of the contrastive loss: AT (paper) or CT (released program). */
  readonly contrastiveText: 'adapted' | 'enhanced';
  readonly contrastiveTemperature: number;
  readonly contrastiveScale: number;
  /** `'prob-softmax'` softmaxes the probabilities once more, as the released program does; `'logits'` does not. */
  readonly ceMode: 'prob-softmax' | 'logits';
  readonly useContrastive: boolean;
  readonly useCrossEntropy: boolean;
}

export type FsacLoss = { contrastive?: tf.Scalar; crossEntropy?: tf.Scalar };

/**
 * The two terms of the loss, weighted; the loss is their sum.
 *
 * @param features - Of B normal images, then of the B anomalous ones made from them.
 * @returns The enabled terms. The caller owns them.
 */
export function fsacLoss({ image, text, adaptedText }: EnhancedFeatures, config: FsacLossConfig): FsacLoss {
  return tf.tidy(() => {
    const terms: FsacLoss = {};
    if (config.useContrastive) {
      terms.contrastive = pairContrastiveLoss(
        image,
        config.contrastiveText === 'adapted' ? adaptedText : text,
        {
          temperature: config.contrastiveTemperature,
          scale: config.contrastiveScale,
        },
      );
    }
    if (config.useCrossEntropy) {
      const logits = tf.div(cosines(image, text), config.tau) as tf.Tensor2D;
      const pairs = image.shape[0] / 2;
      const labels = Array.from({ length: 2 * pairs }, (_, i) => Number(i >= pairs));
      const input = config.ceMode === 'logits' ? logits : (tf.softmax(logits) as tf.Tensor2D);
      terms.crossEntropy = tf.mul(crossEntropy(input, labels), config.gamma2) as tf.Scalar;
    }
    return terms;
  });
}
