import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { largestDifference } from '../../../core/src/testing/arrays.fixture.js';
import { describeOnBackends } from '../../../core/src/testing/backends.fixture.js';
import { GoldenFile } from '../../../core/src/testing/golden.fixture.js';
import type { HeadWeights } from '../heads/weights.js';
import { binaryCrossEntropy, pairContrastiveLoss } from '../losses/index.js';
import { type DecoderConfig, decode } from './decoder.js';
import { fuseGlobal } from './global-fusion.js';
import { fuseLocal, type LocalFusionConfig } from './local-fusion.js';
import { segment } from './segmentation.js';

describeOnBackends('the reference heads of CLIP3D-AD', (backend) => {
  const tolerance = backend === 'webgpu' ? 1e-4 : 1e-5;

  test.each<LocalFusionConfig['recompute']>(['never', 'always'])(
    'features, maps, losses and gradients are reproduced, recomputed: %s',
    async (recompute) => {
      const golden = new GoldenFile('golden/clip3d-ad.safetensors');
      const before = tf.memory().numTensors;
      const weights = headWeights(golden);
      const tensor = <T extends tf.Tensor>(name: string) =>
        tf.tensor(golden.values(name), golden.shape(name)) as T;
      const text = {
        class: tensor<tf.Tensor2D>('input.adapted_class_text'),
        segmentation: tensor<tf.Tensor2D>('input.adapted_segmentation_text'),
      };
      const mask = tensor<tf.Tensor3D>('input.mask');
      const inputs = { normal: inputsOf(golden, 'normal'), anomalous: inputsOf(golden, 'anomalous') };
      const size = mask.shape[1];

      const forward = (named: HeadWeights, side: keyof typeof inputs, segmentationText: tf.Tensor2D) => {
        const { tokens, views, viewTokens, image } = inputs[side];
        const [, , width] = tokens[0].shape;
        const headWidth = width / Number(golden.metadata.heads_local);
        const sizes = { tokenWidth: width, textWidth: image.shape[1], layers: tokens.length };
        const config: DecoderConfig = { c2f: 'progressive', c2fDepth: 1, c2fInputNorm: 'none', headWidth };
        const fusion = { localFuse: 'joint', viewEmbedding: false, recompute, headWidth } as const;
        const fused = fuseLocal(viewTokens, named, fusion);
        const local = tf.add(decode(tokens, named, sizes, config), fused) as tf.Tensor3D;
        return {
          image: tf.add(image, fuseGlobal(views, named, { globalFuse: 'concat' })) as tf.Tensor2D,
          local,
          map: segment(local, segmentationText, size, { gamma: 0.07, upsample: 'prob' }),
        };
      };
      const losses = (named: HeadWeights, classText: tf.Tensor2D, segmentationText: tf.Tensor2D) => {
        const normal = forward(named, 'normal', segmentationText);
        const anomalous = forward(named, 'anomalous', segmentationText);
        const maps = tf.concat([normal.map, anomalous.map]);
        return {
          segmentation: binaryCrossEntropy(maps, tf.concat([tf.zerosLike(mask), mask])),
          contrastive: pairContrastiveLoss(tf.concat([normal.image, anomalous.image]), classText, {
            scale: 0.5,
          }),
        };
      };
      const differs = async (actual: tf.Tensor, name: string) =>
        largestDifference(await actual.data(), golden.values(name));

      for (const side of ['normal', 'anomalous'] as const) {
        const outputs = tf.tidy(() => forward(weights, side, text.segmentation));
        for (const [name, output] of Object.entries(outputs)) {
          expect(await differs(output, `output.${side}.${name}`), `${side} ${name}`).toBeLessThan(tolerance);
        }
        tf.dispose(outputs);
      }
      const terms = tf.tidy(() => losses(weights, text.class, text.segmentation));
      expect(await differs(terms.segmentation, 'loss.segmentation')).toBeLessThan(tolerance);
      expect(await differs(terms.contrastive, 'loss.contrastive')).toBeLessThan(tolerance);

      const names = Object.keys(weights);
      const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
        const named = Object.fromEntries(names.map((name, i) => [name, values[i]]));
        const [classText, segmentationText] = values.slice(names.length) as tf.Tensor2D[];
        const { segmentation, contrastive } = losses(named, classText, segmentationText);
        return tf.add(segmentation, contrastive) as tf.Scalar;
      })([...Object.values(weights), text.class, text.segmentation]);
      expect(await differs(value, 'loss.total')).toBeLessThan(tolerance);
      for (const name of golden.names.filter((each) => each.startsWith('grad.'))) {
        const ours = name.slice('grad.'.length).replace('in_proj_weight', 'in_proj.weight');
        const index = [...names, 'adapted_class_text', 'adapted_segmentation_text'].indexOf(ours);
        const gradient = ours.startsWith('adapted') ? tf.clone(grads[index]) : tf.transpose(grads[index]);
        expect(await differs(gradient, name), name).toBeLessThan(tolerance);
        gradient.dispose();
      }

      tf.dispose([weights, Object.values(text), mask, Object.values(terms), value, grads]);
      for (const { tokens, views, viewTokens, image } of Object.values(inputs)) {
        tf.dispose([tokens, views, viewTokens, image]);
      }
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});

function inputsOf(golden: GoldenFile, side: 'normal' | 'anomalous') {
  const tensor = <T extends tf.Tensor>(name: string) =>
    tf.tensor(golden.values(`input.${side}.${name}`), golden.shape(`input.${side}.${name}`)) as T;
  const layers = golden.names.filter((name) => name.startsWith(`input.${side}.tokens_layer_`));
  return {
    tokens: layers.map((_, i) => tensor<tf.Tensor3D>(`tokens_layer_${i}`)),
    views: tensor<tf.Tensor3D>('views_cls'),
    viewTokens: tensor<tf.Tensor4D>('views_last_tokens'),
    image: tensor<tf.Tensor2D>('adapted_image'),
  };
}

/** The file's weights under our names, matrices transposed. */
function headWeights(golden: GoldenFile): Record<string, tf.Tensor> {
  return Object.fromEntries(
    golden.names
      .filter((name) => name.startsWith('weights.'))
      .map((name) => {
        const ours = name.slice('weights.'.length).replace('in_proj_', 'in_proj.');
        return [ours, tf.tidy(() => tf.transpose(tf.tensor(golden.values(name), golden.shape(name))))];
      }),
  );
}
