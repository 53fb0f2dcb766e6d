import { createRng } from '@anomclip/core/random';
import type { Losses } from '@anomclip/core/training';
import * as tf from '@tensorflow/tfjs';
import { FPFH_SIZE } from '../btf/features.js';
import type { ThreeDzalBatch } from './batch.js';
import type { ThreeDzalConfig } from './config.js';
import { contrastiveLoss } from './contrastive-loss.js';
import { disentanglementLoss, orthonormalColumns } from './disentanglement-loss.js';
import { activate, type ThreeDzalNetworks } from './networks.js';
import { normalcyLoss } from './normalcy-loss.js';

/**
 * The losses of both networks on one batch (Eq. 1 to 3). They are summed, which trains each alone: no parameter is in both.
 *
 * @returns A function of the batch, for `train`; it moves running statistics.
 */
export function trainingLoss(
  { learned, classifier }: ThreeDzalNetworks,
  config: ThreeDzalConfig,
): (batch: ThreeDzalBatch) => Losses {
  const { contrastive, disentanglement } = config;
  const { dimension } = config.learned;
  const projection =
    learned && disentanglement.match === 'project'
      ? orthonormalColumns(FPFH_SIZE, dimension, createRng(config.seed).fork('rd'))
      : undefined;
  return ({ points, groups, positives, fpfh, dropout }) => {
    const losses: Record<string, tf.Scalar> = {};
    const terms: tf.Tensor[] = [];
    if (learned) {
      const output = learned.forward(points, groups, { training: dropout.learned ?? {} });
      const embeddings = activate(output, config.learned);
      const described = tf.slice(embeddings, [0, 0], [fpfh.shape[0], -1]);
      losses.contrastive = contrastiveLoss(embeddings, positives, contrastive);
      losses.disentanglement = disentanglementLoss(described, fpfh, {
        ...disentanglement,
        ...(projection && { projection }),
      });
      terms.push(tf.mul(losses.contrastive, contrastive.weight));
      terms.push(tf.mul(losses.disentanglement, disentanglement.weight));
    }
    if (classifier) {
      const logits = classifier.forward(points, groups, { training: dropout.classifier ?? {} });
      losses.normalcy = normalcyLoss(logits, positives, config.classifier.classWeights);
      terms.push(losses.normalcy);
    }
    return { total: tf.addN(terms) as tf.Scalar, ...losses };
  };
}
