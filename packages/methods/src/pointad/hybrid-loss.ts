import * as tf from '@tensorflow/tfjs';
import { crossEntropy, focalLoss } from '../losses/index.js';
import { patchProbabilities, viewLogits, viewMaps } from './scores.js';

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
  /** [N] int32, classes: 0 normal, 1 anomalous. */
  readonly labels: tf.Tensor1D;
  /** [N·V] int32, classes. */
  readonly viewLabels: tf.Tensor1D;
  /** [N·V, R, R], 1 where the view shows an anomalous point. */
  readonly viewMasks: tf.Tensor3D;
  readonly viewDice: DiceSums;
  readonly pointDice: DiceSums;
}

/**
 * The sums of dice losses as weights of patch probabilities, for both classes (see `DiceTargets`): of every item, Σ p t and
 * Σ p are constants plus ⟨p, weights⟩.
 */
export interface DiceSums {
  /** [items, patches of an item]: Σ p t of the anomalous class. */
  readonly overlap: tf.Tensor2D;
  /** [items, patches of an item] or [1, …]: Σ p of the anomalous class. */
  readonly size: tf.Tensor2D;
  /** [items] each: Σ t, and p_n = total − p_a. */
  readonly targets: {
    /** Σ t of the anomalous class. */
    readonly anomalous: tf.Tensor1D;
    /** Σ t of the normal class. */
    readonly normal: tf.Tensor1D;
    /** Σ (p_n + p_a) t, t of the normal class. */
    readonly normalTotal: tf.Tensor1D;
    /** Σ (p_n + p_a) */
    readonly total: tf.Tensor1D;
  };
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
    for (const patches of batch.patches) {
      const probabilities = patchProbabilities(patches, text, config.temperature);
      if (wanted('pointLocal')) {
        terms.pointLocal = plus(terms.pointLocal, diceLosses(probabilities, batch.pointDice));
      }
      if (wanted('viewLocal')) terms.viewLocal = plus(terms.viewLocal, viewLocalLoss(probabilities, batch));
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

/**
 * Dice of both classes, from patch probabilities [N·V, P]; smoothing 1, no squares, averaged over the items:
 * 1 − mean (2 Σ p t + 1) / (Σ p + Σ t + 1).
 */
function diceLosses(probabilities: tf.Tensor2D, { overlap, size, targets }: DiceSums): tf.Scalar {
  const p = tf.reshape(probabilities, overlap.shape);
  const [overlapAnomalous, sizeAnomalous] = [overlap, size].map((weights) => tf.sum(tf.mul(p, weights), 1));
  // Σ (w − p)(1 − t) = Σ w (1 − t) − Σ p + Σ p t
  const overlapNormal = tf.add(tf.sub(targets.normalTotal, sizeAnomalous), overlapAnomalous);
  const sizeNormal = tf.sub(targets.total, sizeAnomalous);
  return tf.add(
    dice(overlapAnomalous, tf.add(sizeAnomalous, targets.anomalous)),
    dice(overlapNormal, tf.add(sizeNormal, targets.normal)),
  ) as tf.Scalar;
}

function dice(overlap: tf.Tensor, sizes: tf.Tensor): tf.Tensor {
  return tf.sub(1, tf.mean(tf.div(tf.add(tf.mul(overlap, 2), 1), tf.add(sizes, 1))));
}

/** Focal loss of the views' maps, and both dice losses. */
function viewLocalLoss(probabilities: tf.Tensor2D, { viewMasks, viewDice }: PointadBatch): tf.Scalar {
  const focal = focalLoss(viewMaps(probabilities, viewMasks.shape[1]), viewMasks);
  return tf.add(focal, diceLosses(probabilities, viewDice)) as tf.Scalar;
}

function plus(sum: tf.Scalar | undefined, term: tf.Scalar): tf.Scalar {
  return sum ? (tf.add(sum, term) as tf.Scalar) : term;
}
