import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { largestDifference } from '../../../core/src/testing/arrays.fixture.js';
import { describeOnBackends } from '../../../core/src/testing/backends.fixture.js';
import { GoldenFile } from '../../../core/src/testing/golden.fixture.js';
import { pairContrastiveLoss } from '../losses/index.js';
import { anomalyDescriptor } from './anomaly-descriptor.js';
import { cosines, enhance, type HeadConfig } from './head.js';

const config: HeadConfig = {
  alpha: [0.1, 0.9],
  beta: [0.1, 0.9],
  gamma1: 0.7,
  adText: 'adapted',
  useTF: true,
  useVT: true,
};

describeOnBackends('the official heads of CLIP-FSAC++', (backend) => {
  const tolerance = backend === 'webgpu' ? 1e-4 : 1e-5;

  test('features, scores, contrastive loss and gradients are reproduced', async () => {
    const golden = new GoldenFile('golden/clip-fsac-pp-head.safetensors');
    const before = tf.memory().numTensors;
    const weights = headWeights(golden);
    const matrix = (name: string) => tf.tensor2d(golden.values(name), golden.shape(name) as [number, number]);
    const [image, text] = [matrix('input.image_features'), matrix('input.text_features')];
    const differs = async (tensor: tf.Tensor, name: string) =>
      largestDifference(await tensor.data(), golden.values(name));

    const features = enhance(image, text, weights, config);
    expect(await differs(features.adaptedText, 'output.adapted_text')).toBeLessThan(tolerance);
    expect(await differs(features.image, 'output.enhanced_image')).toBeLessThan(tolerance);
    expect(await differs(features.text, 'output.enhanced_text_gamma0.7')).toBeLessThan(tolerance);
    const descriptors = anomalyDescriptor(image, features.adaptedText, weights);
    // The released program calls what the texts have read from the images "text-driven visual": VT in the paper.
    expect(await differs(descriptors.visionDriven, 'output.text_driven_visual')).toBeLessThan(tolerance);
    const scores = tf.tidy(() => tf.softmax(tf.div(cosines(features.image, features.text), 0.07)));
    expect(await differs(scores, 'output.scores_tau0.07')).toBeLessThan(10 * tolerance);

    // The vision-driven side has no part in a loss with the adapted text, so no gradient.
    const names = Object.keys(weights).filter((name) => !name.includes('to_out_image'));
    const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
      const named = { ...weights, ...Object.fromEntries(names.map((name, i) => [name, values[i]])) };
      const { image: enhanced, adaptedText } = enhance(image, text, named, config);
      return pairContrastiveLoss(enhanced, adaptedText, { temperature: 0.9, scale: 0.5 });
    })(names.map((name) => weights[name]));
    expect(await differs(value, 'loss.contrastive')).toBeLessThan(tolerance);
    for (const name of ['image.linear', 'image.mlps.0.fc1', 'image.to_out_text.0', 'text.linear']) {
      const gradient = tf.transpose(grads[names.indexOf(`${name}.weight`)]);
      expect(await differs(gradient, `grad.${name}.weight`), name).toBeLessThan(tolerance);
      gradient.dispose();
    }
    tf.dispose([
      weights,
      image,
      text,
      Object.values(features),
      Object.values(descriptors),
      scores,
      value,
      grads,
    ]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** The file's weights, matrices transposed; layers that never run are left out. */
function headWeights(golden: GoldenFile): Record<string, tf.Tensor> {
  const unused = /\.norm\.|attention_linear/;
  const names = golden.names.filter((name) => name.startsWith('weights.') && !unused.test(name));
  return Object.fromEntries(
    names.map((name) => {
      const tensor = tf.tensor(golden.values(name), golden.shape(name));
      const transposed = tf.transpose(tensor);
      tensor.dispose();
      return [name.slice('weights.'.length), transposed];
    }),
  );
}
