import { crossEntropy } from '@anomclip/methods/losses';
import { contrastiveLoss, disentanglementLoss, perturb } from '@anomclip/methods/three-dzal';
import * as tf from '@tensorflow/tfjs';
import { errorOf, type Golden } from '../golden.js';
import type { Compare } from '../parity.js';

/** 3DzAL's losses with gradients and the perturbation of its patches, on whatever patches and classifier the file has. */
export async function checkThreeDzal(golden: Golden, compare: Compare): Promise<void> {
  const tolerance = tf.getBackend() === 'webgpu' ? 1e-3 : 1e-5;
  /** Relative to the largest value where that is above 1. */
  const check = async (actual: tf.Tensor, name: string) => {
    const expected = golden.values(name);
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    compare(name, (await errorOf(actual, expected)) / largest, tolerance);
  };
  await checkLosses(golden, check);
  await checkPerturbation(golden, check);
}

type Check = (actual: tf.Tensor, name: string) => Promise<void>;

async function checkLosses(golden: Golden, check: Check): Promise<void> {
  const positives = Number(golden.setting('positives'));
  const settings = { temperature: Number(golden.setting('temperature')), reduction: 'sum' } as const;
  const embeddings = tensorOf(golden, 'input.embeddings') as tf.Tensor2D;
  const contrastive = tf.valueAndGrad((x) =>
    contrastiveLoss(x as tf.Tensor2D, positives, { ...settings, denominator: 'negatives' }),
  )(embeddings);
  await check(contrastive.value, 'loss.contrastive');
  await check(contrastive.grad, 'grad.contrastive.embeddings');
  const all = contrastiveLoss(embeddings, positives, { ...settings, denominator: 'all' });
  await check(all, 'loss.contrastive_all_denominator');

  const normal = tf.slice(embeddings, [0, 0], [positives, -1]);
  const fpfh = tensorOf(golden, 'input.fpfh') as tf.Tensor2D;
  const disentanglement = tf.valueAndGrad((x) =>
    disentanglementLoss(x as tf.Tensor2D, fpfh, { match: 'pad', form: 'cos' }),
  )(normal);
  await check(disentanglement.value, 'loss.disentanglement');
  await check(disentanglement.grad, 'grad.disentanglement.embeddings');
  const total = tf.tidy(() => tf.add(contrastive.value, tf.mul(disentanglement.value, 100)));
  await check(total, 'loss.total_1_100');
  tf.dispose([embeddings, contrastive.value, contrastive.grad, all, normal, fpfh]);
  tf.dispose([disentanglement.value, disentanglement.grad, total]);
}

async function checkPerturbation(golden: Golden, check: Check): Promise<void> {
  const weights = golden.names
    .filter((name) => name.startsWith('weights.classifier.'))
    .map((_, i) => tensorOf(golden, `weights.classifier.${i}`));
  const classify = (points: tf.Tensor3D) => smallClassifier(points, weights);
  const probabilitiesOf = (logits: tf.Tensor2D) => tf.slice(tf.softmax(logits), [0, 1], [-1, 1]);
  const patches = tensorOf(golden, 'input.patches') as tf.Tensor3D;
  const logits = classify(patches);
  await check(logits, 'output.logits');
  const probabilities = tf.tidy(() => probabilitiesOf(logits));
  await check(probabilities, 'output.probability_anomalous');
  const loss = crossEntropy(logits, [...golden.values('input.labels')]);
  await check(loss, 'loss.bce');

  const eta = Number(golden.setting('eta'));
  const moved = tf.tensor3d(await perturb(patches, undefined, classify, { eta, norm: 'raw' }), patches.shape);
  await check(moved, golden.names.find((name) => name.startsWith('output.perturbed_patches')) ?? '');
  const ofMoved = tf.tidy(() => probabilitiesOf(classify(moved)));
  await check(ofMoved, 'output.probability_anomalous_perturbed');
  const score = tf.max(ofMoved);
  await check(score, 'output.object_score');
  tf.dispose([weights, patches, logits, probabilities, loss, moved, ofMoved, score]);
}

function tensorOf(golden: Golden, name: string): tf.Tensor {
  return tf.tensor(Float32Array.from(golden.values(name)), [...golden.shape(name)]);
}

/** Linear layers with ReLU on every point, the maximum over the points, a last linear layer. */
function smallClassifier(points: tf.Tensor3D, weights: readonly tf.Tensor[]): tf.Tensor2D {
  return tf.tidy(() => {
    const [batch, count] = points.shape;
    const linear = (x: tf.Tensor, i: number) =>
      tf.add(tf.matMul(x as tf.Tensor2D, weights[i] as tf.Tensor2D, false, true), weights[i + 1]);
    let hidden = tf.reshape(points, [-1, 3]) as tf.Tensor;
    for (let i = 0; i < weights.length - 2; i += 2) hidden = tf.relu(linear(hidden, i));
    const whole = tf.max(tf.reshape(hidden, [batch, count, hidden.shape[1] ?? 0]), 1);
    return linear(whole, weights.length - 2) as tf.Tensor2D;
  });
}
