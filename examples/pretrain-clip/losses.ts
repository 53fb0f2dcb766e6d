import type { TextTower, VisionTower } from '@anomclip/core/clip';
import { normalise } from '@anomclip/core/tensor';
import type { Losses } from '@anomclip/core/training';
import * as tf from '@tensorflow/tfjs';

/**
 * One step's data, every tensor float32 and of the same shape in every step. B images: B/2 normal ones, then the anomalous
 * one of each pair in the same order. M = 2B + 2 captions: the images' own, the same with the other state, and a normal and
 * an anomalous one of no particular object.
 */
export interface PretrainBatch {
  /** [B, S, S, 3], preprocessed. */
  readonly images: tf.Tensor4D;
  /** [B, P], covered share of each patch ÷ 0.15, at most 1. */
  readonly coverage: tf.Tensor2D;
  /** [B, 1], 1 for anomalous images. */
  readonly labels: tf.Tensor2D;
  /** [B, 1], 1 where the patches are scored by the image's own captions, 0 where by the generic ones. */
  readonly scoredByOwn: tf.Tensor2D;
  /** [M, L, vocabulary], 1 at the id of each token. */
  readonly tokens: tf.Tensor3D;
  /** [M, L], 1 at the end token. */
  readonly ends: tf.Tensor2D;
  /** [B, 2B], which captions are right for an image; a row's sum is 1. */
  readonly captionTargets: tf.Tensor2D;
  /** [B, 2B], hugely negative where a flipped caption is some image's own. */
  readonly captionMask: tf.Tensor2D;
  /** [B, B], which images are right for an own caption; a row's sum is 1. */
  readonly imageTargets: tf.Tensor2D;
}

export interface PretrainModel {
  readonly vision: VisionTower;
  readonly text: TextTower;
  /** ln of what cosines are multiplied with, a scalar. */
  readonly logitScale: tf.Tensor;
}

/** What differences of cosines are multiplied with before they are probabilities of damage. */
const GAMMA = 20;
/** Most that the learned scale becomes. */
const LARGEST_SCALE = 50;
/** First block of the value-value path. */
export const VALUE_ATTENTION_FROM = 2;

/**
 * The losses of a batch: contrast of images and captions; damage as seen by the class token (`state`, `rank`) and by patches of
 * the ordinary (`patch`) and the value-value path (`value`). Damage is always the cosine with the anomalous caption minus the
 * cosine with the normal one.
 */
export function pretrainLosses({ vision, text, logitScale }: PretrainModel, batch: PretrainBatch): Losses {
  const count = batch.labels.shape[0];
  const encoded = vision.encodeBothPaths(batch.images, VALUE_ATTENTION_FROM);
  const images = normalise(encoded.image);
  const captions = normalise(text.encodeEmbeddings(text.embedSelection(batch.tokens), batch.ends));

  const contrast = contrastLoss(images, tf.slice(captions, [0, 0], [2 * count, -1]), logitScale, batch);
  const own = ownDirections(captions, batch.labels);
  const generic = tf.sub(
    tf.slice(captions, [2 * count + 1, 0], [1, -1]),
    tf.slice(captions, [2 * count, 0], [1, -1]),
  ) as tf.Tensor2D; // [1, D]
  const state = tf.mul(
    tf.add(binaryLoss(scores(images, own), batch.labels), binaryLoss(scores(images, generic), batch.labels)),
    0.5,
  );
  const rank = tf.mean(tf.softplus(tf.neg(difference(scores(images, generic)))));

  const mixed = tf.add(tf.mul(batch.scoredByOwn, own), tf.mul(tf.sub(1, batch.scoredByOwn), generic));
  const directions = { mixed: mixed as tf.Tensor2D, generic };
  const patch = patchLoss(normalise(encoded.patches), directions, batch.coverage);
  const value = patchLoss(normalise(encoded.valuePatches), directions, batch.coverage);

  const total = tf.addN([contrast, tf.mul(state, 1.5), rank, patch, tf.mul(value, 0.5)]);
  return { total, contrast, state, rank, patch, value } as Losses;
}

/** Mean of both directions: captions of an image among all, flipped ones too; images of an own caption. */
function contrastLoss(
  images: tf.Tensor2D,
  captions: tf.Tensor2D,
  logitScale: tf.Tensor,
  { captionTargets, captionMask, imageTargets }: PretrainBatch,
): tf.Tensor {
  const scale = tf.minimum(tf.exp(logitScale), LARGEST_SCALE);
  const logits = tf.mul(tf.matMul(images, captions, false, true), scale); // [B, 2B]
  const ofOwn = tf.transpose(tf.slice(logits, [0, 0], [-1, images.shape[0]])); // [B captions, B images]
  const toCaptions = crossEntropy(tf.add(logits, captionMask), captionTargets);
  return tf.mul(tf.add(toCaptions, crossEntropy(ofOwn, imageTargets)), 0.5);
}

function crossEntropy(logits: tf.Tensor, targets: tf.Tensor2D): tf.Tensor {
  const expected = tf.sum(tf.mul(logits, targets), -1);
  return tf.mean(tf.sub(tf.logSumExp(logits, -1), expected));
}

/** Of every image, from its normal to its anomalous caption, [B, D]. */
function ownDirections(captions: tf.Tensor2D, labels: tf.Tensor2D): tf.Tensor2D {
  const count = labels.shape[0];
  const own = tf.slice(captions, [0, 0], [count, -1]);
  const flipped = tf.slice(captions, [count, 0], [count, -1]);
  return tf.mul(tf.sub(flipped, own), tf.sub(1, tf.mul(labels, 2))) as tf.Tensor2D;
}

/** [B, 1]; `directions` is [B, D] or [1, D]. */
function scores(images: tf.Tensor2D, directions: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(tf.sum(tf.mul(images, directions), -1, true), GAMMA) as tf.Tensor2D;
}

/** Anomalous minus normal images of each pair, along the first axis. */
function difference<T extends tf.Tensor>(values: T): T {
  const half = values.shape[0] / 2;
  const rest = values.shape.slice(1).map(() => 0);
  const length = values.shape.slice(1);
  return tf.sub(
    tf.slice(values, [half, ...rest], [half, ...length]),
    tf.slice(values, [0, ...rest], [half, ...length]),
  ) as T;
}

/** Cross-entropy of logits and labels 0…1, averaged. */
function binaryLoss(logits: tf.Tensor2D, labels: tf.Tensor2D): tf.Tensor {
  return tf.mean(tf.sub(tf.softplus(logits), tf.mul(labels, logits)));
}

/**
 * Damaged and intact patches weigh the same in sum, few as the damaged ones are; and a damaged patch ranks above the same
 * patch of the normal image.
 *
 * @param patches - [B, P, D], unit length.
 */
function patchLoss(
  patches: tf.Tensor3D,
  { mixed, generic }: { mixed: tf.Tensor2D; generic: tf.Tensor2D },
  coverage: tf.Tensor2D,
): tf.Tensor {
  const logits = patchScores(patches, mixed);
  const intact = tf.sub(1, coverage);
  const missed = weightedMean(tf.softplus(tf.neg(logits)), coverage);
  const falseAlarms = weightedMean(tf.softplus(logits), intact);
  const half = coverage.shape[0] / 2;
  const ranked = tf.softplus(tf.neg(difference(patchScores(patches, generic))));
  const rank = weightedMean(ranked, tf.slice(coverage, [half, 0], [half, -1]));
  return tf.add(tf.mul(tf.add(missed, falseAlarms), 0.5), rank);
}

/** [B, P]; `directions` is [B, D] or [1, D]. */
function patchScores(patches: tf.Tensor3D, directions: tf.Tensor2D): tf.Tensor {
  const [rows, width] = directions.shape;
  return tf.mul(tf.sum(tf.mul(patches, tf.reshape(directions, [rows, 1, width])), -1), GAMMA);
}

function weightedMean(values: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  return tf.div(tf.sum(tf.mul(values, weights)), tf.maximum(tf.sum(weights), 1e-6));
}
