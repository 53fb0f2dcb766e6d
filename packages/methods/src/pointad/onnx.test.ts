import { Clip, TextTower } from '@anomclip/core/clip';
import { createOnnxImageEncoder, type OnnxRuntime } from '@anomclip/core/encoder';
import { normalise } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import * as ortNode from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { largestDifference } from '../../../core/src/testing/arrays.fixture.js';
import { startBackend } from '../../../core/src/testing/backends.fixture.js';
import { hasShared } from '../../../core/src/testing/golden.fixture.js';
import { pointadGolden, promptBeforeTheStep } from '../../../core/src/testing/pointad.fixture.js';
import { disposeTensors } from '../../../core/src/training/dispose-tensors.js';
import { pointadBatch } from './batch.js';
import { goldenSamples } from './golden-samples.fixture.js';
import { hybridLoss, lossTerms } from './hybrid-loss.js';
import { encodePrompts } from './prompts.js';

test.skipIf(!hasShared)(
  'with frozen features from ONNX Runtime, losses and gradients are the official ones (skipped where ../shared is absent)',
  async () => {
    await startBackend('wasm');
    const { golden, config, checkpoint } = pointadGolden();
    const layers = [(JSON.parse(golden.metadata.feature_layers) as number[])[0]];
    const replaced = Number(golden.metadata.dpam_layers_argument) - 1;
    const wanted = {
      layers,
      valueAttentionFrom: config.vision.layers - replaced + 1,
      projectPatches: true,
    };
    const encoder = await createOnnxImageEncoder(ortNode as OnnxRuntime, checkpoint, config, wanted);
    const clip = new Clip(config, { vision: encoder, text: await TextTower.load(checkpoint, config) });

    const { values, shape } = golden.nhwc('input.renderings_nchw');
    const pixels = tf.tensor4d(values, shape);
    const encoded = await encoder.encode(pixels, wanted);
    const unit = tf.tidy(() =>
      [encoded.image, encoded.patches.get(layers[0]) as tf.Tensor].map((each) => normalise(each)),
    );
    const read = await Promise.all(unit.map(async (tensor) => (await tensor.data<'float32'>()).slice()));
    tf.dispose([pixels, encoded.image, [...encoded.patches.values()], unit]);

    const samples = goldenSamples(golden);
    const batch = pointadBatch(
      samples.map(([sample, features], index) => {
        const parts = [...features].map(([name, { shape: dims }], i) => {
          const length = read[i].length / samples.length;
          return [name, { shape: dims, data: read[i].slice(index * length, (index + 1) * length) }] as const;
        });
        return [sample, new Map(parts)];
      }),
    );

    const names = ['ctx_normal', 'ctx_anomalous', 'deep_0', 'deep_1', 'deep_2'];
    const parameters = names.map((name) => promptBeforeTheStep(golden, name));
    const tokens = [
      golden.values('prompt.tokenized_normal'),
      golden.values('prompt.tokenized_anomalous'),
    ] as const;
    const { value, grads } = tf.valueAndGrads((...given: tf.Tensor[]) => {
      const [contextNormal, contextAnomalous, ...deepPrompts] = given as tf.Tensor2D[];
      const deepPrompt = { depth: 4, length: 4, initStd: 0.02, roundToHalf: false };
      const text = encodePrompts(
        clip.text,
        tokens,
        { contextNormal, contextAnomalous, deepPrompts },
        { deepPrompt },
      );
      const terms = hybridLoss(batch, text, {
        temperature: 0.07,
        loss: { enable: lossTerms, globalMil: 'meanLogit', milGrouping: 'perSample' },
      });
      return tf.addN(Object.values(terms)) as tf.Scalar;
    })(parameters);

    expect(Math.abs((await value.data())[0] - golden.values('loss.total')[0])).toBeLessThan(1e-5);
    for (const [i, name] of names.entries()) {
      const expected = golden.values(`grad.${name}`);
      const largest = expected.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
      expect(largestDifference(await grads[i].data(), expected) / largest, name).toBeLessThan(1e-4);
    }
    tf.dispose([value, grads, parameters]);
    disposeTensors(batch);
    await clip.dispose();
  },
);
