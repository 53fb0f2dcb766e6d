import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { largestDifference } from '../../../core/src/testing/arrays.fixture.js';
import { describeOnBackends } from '../../../core/src/testing/backends.fixture.js';
import { GoldenFile } from '../../../core/src/testing/golden.fixture.js';
import { crossEntropy } from '../losses/index.js';
import { contrastiveLoss } from './contrastive-loss.js';
import { disentanglementLoss } from './disentanglement-loss.js';
import { perturb } from './perturb.js';

describeOnBackends('3DzAL', (backend) => {
  const tolerance = backend === 'webgpu' ? 1e-3 : 1e-5;
  const file = () => new GoldenFile('golden/three-dzal.safetensors');
  const tensor = (golden: GoldenFile, name: string) => tf.tensor(golden.values(name), golden.shape(name));
  const expectNear = async (actual: tf.Tensor, golden: GoldenFile, name: string) => {
    const expected = golden.values(name);
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    expect(largestDifference(await actual.data(), expected) / largest, name).toBeLessThan(tolerance);
  };

  test('losses and their gradients are the golden ones', async () => {
    const golden = file();
    const before = tf.memory().numTensors;
    const positives = Number(golden.metadata.positives);
    const temperature = Number(golden.metadata.temperature);
    const embeddings = tensor(golden, 'input.embeddings') as tf.Tensor2D;
    const settings = { temperature, denominator: 'negatives', reduction: 'sum' } as const;
    const contrastive = (x: tf.Tensor) => contrastiveLoss(x as tf.Tensor2D, positives, settings);
    const all = contrastiveLoss(embeddings, positives, { ...settings, denominator: 'all' });
    const attracted = tf.valueAndGrad(contrastive)(embeddings);
    await expectNear(attracted.value, golden, 'loss.contrastive');
    await expectNear(attracted.grad, golden, 'grad.contrastive.embeddings');
    await expectNear(all, golden, 'loss.contrastive_all_denominator');

    const normal = tf.slice(embeddings, [0, 0], [positives, -1]);
    const fpfh = tensor(golden, 'input.fpfh') as tf.Tensor2D;
    const other = tf.valueAndGrad((x: tf.Tensor) =>
      disentanglementLoss(x as tf.Tensor2D, fpfh, { match: 'pad', form: 'cos' }),
    )(normal);
    await expectNear(other.value, golden, 'loss.disentanglement');
    await expectNear(other.grad, golden, 'grad.disentanglement.embeddings');
    const total = tf.tidy(() => tf.add(attracted.value, tf.mul(other.value, 100)));
    await expectNear(total, golden, 'loss.total_1_100');
    tf.dispose([
      embeddings,
      attracted.value,
      attracted.grad,
      all,
      normal,
      fpfh,
      other.value,
      other.grad,
      total,
    ]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a classifier’s loss and the perturbation of its patches are the golden ones', async () => {
    const golden = file();
    const before = tf.memory().numTensors;
    const weights = [0, 1, 2, 3, 4, 5].map((i) => tensor(golden, `weights.classifier.${i}`));
    const classify = (points: tf.Tensor3D) => smallClassifier(points, weights);
    const patches = tensor(golden, 'input.patches') as tf.Tensor3D;
    const logits = classify(patches);
    await expectNear(logits, golden, 'output.logits');
    const loss = crossEntropy(logits, [...golden.values('input.labels')]);
    await expectNear(loss, golden, 'loss.bce');
    const eta = Number(golden.metadata.eta);
    const moved = tf.tensor(await perturb(patches, undefined, classify, { eta, norm: 'raw' }), patches.shape);
    const name = golden.names.find((each) => each.startsWith('output.perturbed_patches')) ?? '';
    await expectNear(moved, golden, name);
    const probabilities = tf.tidy(() =>
      tf.slice(tf.softmax(classify(moved as tf.Tensor3D)), [0, 1], [-1, 1]),
    );
    await expectNear(probabilities, golden, 'output.probability_anomalous_perturbed');
    const score = tf.max(probabilities);
    await expectNear(score, golden, 'output.object_score');
    tf.dispose([weights, patches, logits, loss, moved, probabilities, score]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** Linear, ReLU, linear, ReLU on every point, the maximum over the points, linear. */
function smallClassifier(points: tf.Tensor3D, weights: readonly tf.Tensor[]): tf.Tensor2D {
  return tf.tidy(() => {
    const [batch, count] = points.shape;
    const linear = (x: tf.Tensor, i: number) =>
      tf.add(tf.matMul(x as tf.Tensor2D, weights[i] as tf.Tensor2D, false, true), weights[i + 1]);
    const hidden = tf.relu(linear(tf.relu(linear(tf.reshape(points, [-1, 3]), 0)), 2));
    const whole = tf.max(tf.reshape(hidden, [batch, count, hidden.shape[1] ?? 0]), 1);
    return linear(whole, 4) as tf.Tensor2D;
  });
}
