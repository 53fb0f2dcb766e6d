import { decode, fuseGlobal, fuseLocal, segment } from '@anomclip/methods/clip3d-ad';
import type { HeadWeights } from '@anomclip/methods/heads';
import { binaryCrossEntropy, pairContrastiveLoss } from '@anomclip/methods/losses';
import * as tf from '@tensorflow/tfjs';
import { errorOf, type Golden, transposedWeights } from '../golden.js';
import type { Compare } from '../parity.js';

/** Decoder, fusion modules, maps, losses and gradients of CLIP3D-AD; its rotations are checked with the views. */
export async function checkClip3d(golden: Golden, compare: Compare): Promise<void> {
  const tolerance = tf.getBackend() === 'webgpu' ? 1e-4 : 1e-5;
  const renamed = Object.entries(transposedWeights(golden)).map(([name, weight]) => [ours(name), weight]);
  const weights = Object.fromEntries(renamed) as Record<string, tf.Tensor>;
  const texts = [
    tensorOf(golden, 'input.adapted_class_text'),
    tensorOf(golden, 'input.adapted_segmentation_text'),
  ];
  const mask = tensorOf(golden, 'input.mask') as tf.Tensor3D;
  const inputs = { normal: inputsOf(golden, 'normal'), anomalous: inputsOf(golden, 'anomalous') };
  const check = async (actual: tf.Tensor, name: string) =>
    compare(name, await errorOf(actual, golden.values(name)), tolerance);

  const forward = (named: HeadWeights, side: keyof typeof inputs, segmentationText: tf.Tensor2D) => {
    const { tokens, views, viewTokens, image } = inputs[side];
    const headWidth = tokens[0].shape[2] / Number(golden.setting('heads_local'));
    const sizes = { tokenWidth: tokens[0].shape[2], textWidth: image.shape[1], layers: tokens.length };
    const decoder = { c2f: 'progressive', c2fDepth: 1, c2fInputNorm: 'none', headWidth } as const;
    const fusion = { localFuse: 'joint', viewEmbedding: false, recompute: 'always', headWidth } as const;
    const fused = fuseLocal(viewTokens, named, fusion);
    const local = tf.add(decode(tokens, named, sizes, decoder), fused) as tf.Tensor3D;
    return {
      image: tf.add(image, fuseGlobal(views, named, { globalFuse: 'concat' })) as tf.Tensor2D,
      local,
      map: segment(local, segmentationText, mask.shape[1], { gamma: 0.07, upsample: 'prob' }),
    };
  };
  const losses = (named: HeadWeights, [classText, segmentationText]: readonly tf.Tensor[]) => {
    const normal = forward(named, 'normal', segmentationText as tf.Tensor2D);
    const anomalous = forward(named, 'anomalous', segmentationText as tf.Tensor2D);
    const images = tf.concat([normal.image, anomalous.image]);
    return {
      segmentation: binaryCrossEntropy(
        tf.concat([normal.map, anomalous.map]),
        tf.concat([tf.zerosLike(mask), mask]),
      ),
      contrastive: pairContrastiveLoss(images, classText as tf.Tensor2D, { scale: 0.5 }),
    };
  };

  for (const side of ['normal', 'anomalous'] as const) {
    const outputs = tf.tidy(() => forward(weights, side, texts[1] as tf.Tensor2D));
    for (const [name, output] of Object.entries(outputs)) await check(output, `output.${side}.${name}`);
    tf.dispose(outputs);
  }
  const terms = tf.tidy(() => losses(weights, texts));
  await check(terms.segmentation, 'loss.segmentation');
  await check(terms.contrastive, 'loss.contrastive');

  const names = Object.keys(weights);
  const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
    const named = Object.fromEntries(names.map((name, i) => [name, values[i]]));
    return tf.addN(Object.values(losses(named, values.slice(names.length)))) as tf.Scalar;
  })([...Object.values(weights), ...texts]);
  await check(value, 'loss.total');
  for (const name of golden.names.filter((each) => each.startsWith('grad.'))) {
    const own = ours(name.slice('grad.'.length));
    const index = [...names, 'adapted_class_text', 'adapted_segmentation_text'].indexOf(own);
    const gradient = own.startsWith('adapted') ? tf.clone(grads[index]) : tf.transpose(grads[index]);
    await check(gradient, name);
    gradient.dispose();
  }
  tf.dispose([weights, texts, mask, Object.values(terms), value, grads]);
  for (const side of Object.values(inputs)) tf.dispose(Object.values(side).flat());
}

/** Our name of a weight. */
function ours(name: string): string {
  return name.replace('in_proj_', 'in_proj.');
}

function tensorOf(golden: Golden, name: string): tf.Tensor {
  return tf.tensor(golden.float32(name).data, [...golden.shape(name)]);
}

function inputsOf(golden: Golden, side: 'normal' | 'anomalous') {
  const tensor = (name: string) => tensorOf(golden, `input.${side}.${name}`);
  const layers = golden.names.filter((name) => name.startsWith(`input.${side}.tokens_layer_`));
  return {
    tokens: layers.map((_, i) => tensor(`tokens_layer_${i}`) as tf.Tensor3D),
    views: tensor('views_cls') as tf.Tensor3D,
    viewTokens: tensor('views_last_tokens') as tf.Tensor4D,
    image: tensor('adapted_image') as tf.Tensor2D,
  };
}
