import { TextTower } from '@anomclip/core/clip';
import { backProjection, multiplyRows } from '@anomclip/pointcloud/views';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { largestDifference } from '../../../core/src/testing/arrays.fixture.js';
import { describeOnBackends } from '../../../core/src/testing/backends.fixture.js';
import { pointadGolden, promptBeforeTheStep } from '../../../core/src/testing/pointad.fixture.js';
import { disposeTensors } from '../../../core/src/training/dispose-tensors.js';
import { pointadBatch } from './batch.js';
import { directPoints } from './direct-loss.fixture.js';
import { goldenSamples } from './golden-samples.fixture.js';
import { type HybridLossConfig, hybridLoss, type LossTerm, lossTerms } from './hybrid-loss.js';
import { encodePrompts, type PromptParameters } from './prompts.js';
import { patchProbabilities, viewMaps } from './scores.js';

const lossConfig: HybridLossConfig = {
  temperature: 0.07,
  loss: { enable: lossTerms, globalMil: 'meanLogit', milGrouping: 'perSample' },
};
const deepPrompt = { depth: 4, length: 4, initStd: 0.02, roundToHalf: false };

describeOnBackends('the official training step of PointAD', (backend) => {
  const loose = backend === 'webgpu' ? 40 : 1;

  test('maps, losses and gradients are reproduced from the frozen features on', async () => {
    const { golden, config, checkpoint } = pointadGolden();
    const before = tf.memory().numTensors;
    const samples = goldenSamples(golden);
    const batch = pointadBatch(samples);
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
    const probabilities = patchProbabilities(batch.patches[0], text, 0.07);
    const maps = viewMaps(probabilities, size);
    const expectedMaps = golden.values('output.similarity_map_first_layer');
    const isAnomalous = (_: number, i: number) => Math.floor(i / size ** 2) % 2 === 1;
    expect(largestDifference(await maps.data(), expectedMaps.filter(isAnomalous))).toBeLessThan(5e-5 * loose);
    const points = await scoredPoints(samples, await probabilities.data<'float32'>());
    const expectedPoints = golden.values('output.point_map').filter(isAnomalous);
    expect(largestDifference(points, expectedPoints)).toBeLessThan(5e-5 * loose);
    const correspondences = samples.map(([sample]) => sample.correspondences);
    const asTensors = tf.tidy(() => directPoints(maps, correspondences));
    expect(largestDifference(await asTensors.data(), points)).toBeLessThan(1e-6 * loose);

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
      probabilities,
      asTensors,
      value,
      grads,
      Object.values(terms),
      Object.values(interleaved),
      parameters,
    ]);
    disposeTensors(batch);
    tower.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** As a detector scores: patch maps read at the points, on plain arrays. */
function scoredPoints(samples: ReturnType<typeof goldenSamples>, probabilities: Float32Array): number[] {
  return samples.flatMap(([{ correspondences }], sample) => {
    const length = probabilities.length / samples.length;
    const mapSize = Math.sqrt(length / correspondences.viewCount);
    const ofSample = probabilities.slice(sample * length, (sample + 1) * length);
    return [...multiplyRows(backProjection(correspondences, { mapSize }), ofSample)];
  });
}
