import { anomalyDescriptor, cosines, enhance, type HeadConfig } from '@anomclip/methods/clip-fsac-pp';
import { pairContrastiveLoss } from '@anomclip/methods/losses';
import * as tf from '@tensorflow/tfjs';
import { errorOf, type Golden, transposedWeights } from '../golden.js';
import type { Compare } from '../parity.js';

/** The settings that the file was made with; its residual ratios are those of VisA. */
const config: HeadConfig = {
  alpha: [0.1, 0.9],
  beta: [0.1, 0.9],
  gamma1: 0.7,
  adText: 'adapted',
  useTF: true,
  useVT: true,
};

/** Both heads of CLIP-FSAC++, its anomaly descriptor, scores, contrastive loss and gradients. */
export async function checkFsac(golden: Golden, compare: Compare): Promise<void> {
  const tolerance = tf.getBackend() === 'webgpu' ? 1e-4 : 1e-5;
  // Layers that never run are in the file too.
  const weights = transposedWeights(golden, (name) => !/\.norm\.|attention_linear/.test(name));
  const matrix = (name: string) =>
    tf.tensor<tf.Rank.R2>(golden.float32(name).data, golden.shape(name) as [number, number]);
  const [image, text] = [matrix('input.image_features'), matrix('input.text_features')];
  const check = async (actual: tf.Tensor, name: string) =>
    compare(name, await errorOf(actual, golden.values(name)), tolerance);

  const features = enhance(image, text, weights, config);
  await check(features.adaptedText, 'output.adapted_text');
  await check(features.image, 'output.enhanced_image');
  await check(features.text, 'output.enhanced_text_gamma0.7');
  const { textDriven, visionDriven } = anomalyDescriptor(image, features.adaptedText, weights);
  // The released program calls what the texts have read from the images "text-driven visual": VT in the paper.
  await check(visionDriven, 'output.text_driven_visual');
  const scores = tf.tidy(() => tf.softmax(tf.div(cosines(features.image, features.text), 0.07)));
  await check(scores, 'output.scores_tau0.07');

  // The vision-driven side has no part in a loss with the adapted text, so no gradient.
  const names = Object.keys(weights).filter((name) => !name.includes('to_out_image'));
  const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
    const named = { ...weights, ...Object.fromEntries(names.map((name, i) => [name, values[i]])) };
    const { image: enhanced, adaptedText } = enhance(image, text, named, config);
    return pairContrastiveLoss(enhanced, adaptedText, { temperature: 0.9, scale: 0.5 });
  })(names.map((name) => weights[name]));
  await check(value, 'loss.contrastive');
  for (const name of golden.names.filter((each) => each.startsWith('grad.'))) {
    const gradient = tf.transpose(grads[names.indexOf(name.slice('grad.'.length))]);
    await check(gradient, name);
    gradient.dispose();
  }
  tf.dispose([weights, image, text, Object.values(features), textDriven, visionDriven, scores, value, grads]);
}
