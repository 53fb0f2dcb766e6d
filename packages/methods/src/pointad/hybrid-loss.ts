import * as tf from '@tensorflow/tfjs';
import { crossEntropy, diceLoss, focalLoss } from '../losses/index.js';
import { type PointGather, patchProbabilities, pointProbabilities, viewLogits, viewMaps } from './scores.js';

/** The terms of the loss, each with weight 1 (section 5 of PointAD's specification). */
export type LossTerm = 'pointGlobal' | 'pointLocal' | 'viewGlobal' | 'viewLocal';

export const lossTerms: readonly LossTerm[] = ['pointGlobal', 'pointLocal', 'viewGlobal', 'viewLocal'];

export interface HybridLossConfig {
  readonly temperature: number;
  readonly loss: {
    /** Which terms are summed. */
    readonly enable: readonly LossTerm[];
    /** What is averaged over the views for the sample's cross-entropy: logits, or probabilities as in the paper. */
    readonly globalMil: 'meanLogit' | 'meanProbability';
    /** `'batchInterleaved'` mixes the views of the batch's samples, as the released program does. */
    readonly milGrouping: 'perSample' | 'batchInterleaved';
    /** Whether empty cells count, with probability 0 of both classes, in the dice losses of points. */
    readonly background: 'zeroFill' | 'exclude';
  };
}

/** Frozen features and targets of N samples with V views each; views of one sample lie side by side. */
export interface PointadBatch {
  readonly samples: number;
  readonly views: number;
  /** [N·V, D], unit length. */
  readonly image: tf.Tensor2D;
  /** Per feature layer [N·V, P, D], unit length. */
  readonly patches: readonly tf.Tensor3D[];
  readonly gather: PointGather;
  /** N classes: 0 normal, 1 anomalous. */
  readonly labels: readonly number[];
  /** N·V classes. */
  readonly viewLabels: readonly number[];
  /** [N·V, R, R], 1 where the view shows an anomalous point. */
  readonly viewMasks: tf.Tensor3D;
  /** [N, n], 1 for anomalous points. */
  readonly pointMasks: tf.Tensor2D;
  /** [N, n], 1 for cells that hold a point. */
  readonly foreground: tf.Tensor2D;
}

export type HybridLoss = Partial<Record<LossTerm, tf.Scalar>>;

/**
 * PointAD's hybrid loss of a batch, term by term; the loss is their sum. Global terms come from image features, local
 * ones from patch features, each for points and for views; local terms are summed over the feature layers.
 * Differentiable to the text features.
 *
 * @param text - [2, D], unit length, row 0 normal.
 * @returns The enabled terms. The caller owns them.
 */
export function hybridLoss(batch: PointadBatch, text: tf.Tensor2D, config: HybridLossConfig): HybridLoss {
  const wanted = (term: LossTerm) => config.loss.enable.includes(term);
  return tf.tidy(() => {
    const terms: HybridLoss = {};
    const logits = viewLogits(batch.image, text, config.temperature);
    if (wanted('pointGlobal')) terms.pointGlobal = pointGlobalLoss(logits, batch, config);
    if (wanted('viewGlobal')) terms.viewGlobal = crossEntropy(logits, batch.viewLabels);
    if (!wanted('pointLocal') && !wanted('viewLocal')) return terms;
    const size = batch.viewMasks.shape[1];
    for (const patches of batch.patches) {
      const maps = viewMaps(patchProbabilities(patches, text, config.temperature), size);
      if (wanted('pointLocal'))
        terms.pointLocal = plus(terms.pointLocal, pointLocalLoss(maps, batch, config));
      if (wanted('viewLocal')) terms.viewLocal = plus(terms.viewLocal, viewLocalLoss(maps, batch));
    }
    return terms;
  });
}

/** Cross-entropy of the views' average with the label of the sample. */
function pointGlobalLoss(
  logits: tf.Tensor2D,
  { samples, views, labels }: PointadBatch,
  { loss: { globalMil, milGrouping } }: HybridLossConfig,
): tf.Scalar {
  // [N, V, 2], or what the released program takes for it: rows r, r + N, r + 2N, … (self-check 11.4).
  const grouped =
    milGrouping === 'perSample'
      ? tf.reshape(logits, [samples, views, 2])
      : tf.transpose(tf.reshape(logits, [views, samples, 2]), [1, 0, 2]);
  if (globalMil === 'meanLogit') return crossEntropy(tf.mean(grouped, 1) as tf.Tensor2D, labels);
  // The logarithm of the mean probability is a logit again: its softmax is the mean itself.
  const meanProbability = tf.mean(tf.softmax(grouped), 1) as tf.Tensor2D;
  return crossEntropy(tf.log(tf.maximum(meanProbability, 1e-30)) as tf.Tensor2D, labels);
}

/** Dice of the points' probabilities, once for each class. */
function pointLocalLoss(
  maps: tf.Tensor3D,
  { gather, pointMasks, foreground }: PointadBatch,
  { loss: { background } }: HybridLossConfig,
): tf.Scalar {
  const anomalous = pointProbabilities(maps, gather);
  // Both classes share the weights, whose sum over the views is 1 (or visible / all views), and 0 on background.
  const normal = tf.sub(tf.sum(gather.weights, 1), anomalous);
  const normalTarget = tf.sub(background === 'zeroFill' ? tf.onesLike(foreground) : foreground, pointMasks);
  return tf.add(diceLoss(anomalous, pointMasks), diceLoss(normal, normalTarget)) as tf.Scalar;
}

/** Focal loss and both dice losses of the views' maps. */
function viewLocalLoss(maps: tf.Tensor3D, { viewMasks }: PointadBatch): tf.Scalar {
  const ofNormal = diceLoss(tf.sub(1, maps), tf.sub(1, viewMasks));
  return tf.addN([focalLoss(maps, viewMasks), diceLoss(maps, viewMasks), ofNormal]) as tf.Scalar;
}

function plus(sum: tf.Scalar | undefined, term: tf.Scalar): tf.Scalar {
  return sum ? (tf.add(sum, term) as tf.Scalar) : term;
}
