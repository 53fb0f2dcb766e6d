import { TextTower } from '@anomclip/core/clip';
import { normalise } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { largestDifference } from '../../../core/src/testing/arrays.fixture.js';
import { describeOnBackends } from '../../../core/src/testing/backends.fixture.js';
import type { GoldenFile } from '../../../core/src/testing/golden.fixture.js';
import { pointadGolden, promptBeforeTheStep } from '../../../core/src/testing/pointad.fixture.js';
import {
  type HybridLossConfig,
  hybridLoss,
  type LossTerm,
  lossTerms,
  type PointadBatch,
} from './hybrid-loss.js';
import { encodePrompts, type PromptParameters } from './prompts.js';
import { patchProbabilities, pointProbabilities, viewMaps } from './scores.js';

const lossConfig: HybridLossConfig = {
  temperature: 0.07,
  loss: { enable: lossTerms, globalMil: 'meanLogit', milGrouping: 'perSample', background: 'zeroFill' },
};
const deepPrompt = { depth: 4, length: 4, initStd: 0.02, roundToHalf: false };

describeOnBackends('the official training step of PointAD', (backend) => {
  const loose = backend === 'webgpu' ? 40 : 1;

  test('maps, losses and gradients are reproduced from the frozen features on', async () => {
    const { golden, config, checkpoint } = pointadGolden();
    const before = tf.memory().numTensors;
    const batch = await goldenBatch(golden);
    const tower = await TextTower.load(checkpoint, config);
    const tokens = [
      golden.values('prompt.tokenized_normal'),
      golden.values('prompt.tokenized_anomalous'),
    ] as const;
    const names = ['ctx_normal', 'ctx_anomalous', 'deep_0', 'deep_1', 'deep_2'];
    const parameters = names.map((name) => promptBeforeTheStep(golden, name));
    const prompts = ([contextNormal, contextAnomalous, ...deepPrompts]: tf.Tensor2D[]): PromptParameters => ({
      contextNormal,
      contextAnomalous,
      deepPrompts,
    });

    const text = encodePrompts(tower, tokens, prompts(parameters), { deepPrompt });
    const size = batch.viewMasks.shape[1];
    const maps = tf.tidy(() => viewMaps(patchProbabilities(batch.patches[0], text, 0.07), size));
    const expectedMaps = golden.values('output.similarity_map_first_layer');
    const isAnomalous = (_: number, i: number) => Math.floor(i / size ** 2) % 2 === 1;
    expect(largestDifference(await maps.data(), expectedMaps.filter(isAnomalous))).toBeLessThan(5e-5 * loose);
    const points = pointProbabilities(maps, batch.gather);
    const expectedPoints = golden.values('output.point_map').filter(isAnomalous);
    expect(largestDifference(await points.data(), expectedPoints)).toBeLessThan(5e-5 * loose);

    let terms: Partial<Record<LossTerm, tf.Scalar>> = {};
    const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
      const encoded = encodePrompts(tower, tokens, prompts(values as tf.Tensor2D[]), { deepPrompt });
      terms = hybridLoss(batch, encoded, lossConfig);
      for (const term of Object.values(terms)) tf.keep(term);
      return tf.addN(Object.values(terms)) as tf.Scalar;
    })(parameters);
    const scalar = async (tensor: tf.Tensor) => (await tensor.data())[0];
    const near = (actual: number, name: string) =>
      expect(Math.abs(actual - golden.values(`loss.${name}`)[0]), name).toBeLessThan(1e-5 * loose);
    near(await scalar(value), 'total');
    near(await scalar(terms.pointGlobal as tf.Scalar), 'd3_global');
    near(await scalar(terms.pointLocal as tf.Scalar), 'd3_local');
    near(await scalar(terms.viewGlobal as tf.Scalar), 'd2_global');
    near(await scalar(terms.viewLocal as tf.Scalar), 'd2_local');
    const interleaved = hybridLoss(batch, text, {
      ...lossConfig,
      loss: { ...lossConfig.loss, enable: ['pointGlobal'], milGrouping: 'batchInterleaved' },
    });
    near(await scalar(interleaved.pointGlobal as tf.Scalar), 'd3_global_as_public_code');

    for (const [i, name] of names.entries()) {
      const expected = golden.values(`grad.${name}`);
      const largest = expected.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
      expect(largestDifference(await grads[i].data(), expected) / largest, name).toBeLessThan(1e-4 * loose);
    }

    tf.dispose([
      text,
      maps,
      points,
      value,
      grads,
      Object.values(terms),
      Object.values(interleaved),
      parameters,
    ]);
    tf.dispose([batch.image, ...batch.patches, batch.viewMasks, batch.pointMasks, batch.foreground]);
    tf.dispose([batch.gather.indices, batch.gather.weights]);
    tower.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** The file's features and targets as a batch, of the first feature layer only, as the released training has it. */
async function goldenBatch(golden: GoldenFile): Promise<PointadBatch> {
  const [samples, views, points] = golden.shape('input.correspondence_xy_seen');
  const size = Math.sqrt(points);
  const seen = golden.values('input.correspondence_xy_seen');
  const foreground = golden.values('input.non_zero');
  const indices = new Int32Array(samples * views * points);
  const weights = new Float32Array(indices.length);
  for (let sample = 0; sample < samples; sample++) {
    for (let point = 0; point < points; point++) {
      const at = (view: number) => (sample * views + view) * points + point;
      let visible = 0;
      for (let view = 0; view < views; view++) visible += seen[3 * at(view) + 2];
      for (let view = 0; view < views; view++) {
        const [x, y, flag] = seen.subarray(3 * at(view));
        indices[at(view)] = ((sample * views + view) * size + y) * size + x;
        weights[at(view)] = foreground[sample * points + point] && flag / visible;
      }
    }
  }
  const layers = JSON.parse(golden.metadata.feature_layers) as number[];
  const features = `output.patch_features_layer_${layers[0]}`;
  const [rows, count, width] = golden.shape(features);
  return {
    samples,
    views,
    image: tf.tidy(() =>
      normalise(
        tf.tensor2d(
          golden.values('output.image_features_unnormalised'),
          golden.shape('output.image_features_unnormalised') as [number, number],
        ),
      ),
    ),
    patches: [
      tf.tidy(() =>
        normalise(
          tf.slice(
            tf.tensor3d(golden.values(features), [rows, count, width]),
            [0, 1, 0],
            [-1, count - 1, -1],
          ),
        ),
      ),
    ],
    gather: {
      indices: tf.tensor1d(indices, 'int32'),
      weights: tf.tensor3d(weights, [samples, views, points]),
    },
    labels: [...golden.values('input.label')],
    viewLabels: [...golden.values('input.view_labels')],
    viewMasks: tf.tensor3d(golden.values('input.view_gt'), [samples * views, size, size]),
    pointMasks: tf.tensor2d(golden.values('input.gt_points'), [samples, points]),
    foreground: tf.tensor2d(foreground, [samples, points]),
  };
}
