import { type Clip, loadClip } from '@anomclip/core/clip';
import { createRng } from '@anomclip/core/random';
import type { TensorToWrite } from '@anomclip/core/weights';
import { readSafetensors, writeSafetensors } from '@anomclip/core/weights';
import type { MultiViewSample } from '@anomclip/pointcloud/views';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { largestDifference } from '../../../core/src/testing/arrays.fixture.js';
import { startBackend } from '../../../core/src/testing/backends.fixture.js';
import { tinyClipFiles, tinyClipWeights } from '../../../core/src/testing/tiny-clip.fixture.js';
import { stateOf, weightsOf } from '../heads/weights.js';
import { pointadConfig } from './config.js';
import { createPointadDetector } from './detector.js';
import { encodeViews } from './features.js';
import { encodePrompts, initialPrompts, type PromptTokens, promptParameters } from './prompts.js';
import { renderingsOf } from './sample-features.js';
import { tinyClip, tinyConfig, tinySample } from './tiny.fixture.js';

// Section 11.12 of PointAD's specification; 7 is tested with the views, 8 in fit.test.ts.
describe.each(['cpu', 'wasm'] as const)('the structure of PointAD on %s', (backend) => {
  let clip: Clip;
  const { views, positions } = tinySample(1, true);
  const config = pointadConfig(tinyConfig);
  const tokens: PromptTokens = [
    [8, 8, 8, 8, 3, 9],
    [8, 8, 8, 8, 5, 3, 9],
  ];
  const prompts = initialPrompts(8, config, createRng('structure'));
  beforeAll(async () => {
    await startBackend(backend);
    clip = await tinyClip();
  });
  afterAll(async () => clip?.dispose());

  test('1: image features are those of the ordinary path, patch features are not', async () => {
    const images = renderingsOf(views);
    const ordinary = await encodeViews(clip, images, { layers: [3] });
    const values = await encodeViews(clip, images, { layers: [3], valueAttentionFrom: 2 });
    expect(await values.image.data()).toEqual(await ordinary.image.data());
    expect(
      largestDifference(await values.patches[0].data(), await ordinary.patches[0].data()),
    ).toBeGreaterThan(0.01);
    tf.dispose([ordinary.image, values.image, ...ordinary.patches, ...values.patches]);
  });

  test('2: patch tokens are those before the value path, and one attention term per block', async () => {
    const pixels = clip.preprocess(renderingsOf(views));
    const patches = async (layer: number, valueAttentionFrom?: number) => {
      const features = await clip.vision.encode(pixels, { layers: [layer], valueAttentionFrom });
      const tensor = features.patches.get(layer) as tf.Tensor3D;
      const data = await tensor.data<'float32'>();
      tf.dispose([features.image, tensor]);
      return data;
    };
    // A term alone: what a value path that starts there adds to the ordinary tokens before it.
    const [before, second] = [await patches(1), await patches(2, 2)];
    const [ordinary, third] = [await patches(2), await patches(3, 3)];
    const summed = before.map((token, i) => token + (second[i] - token) + (third[i] - ordinary[i]));
    expect(largestDifference(await patches(3, 2), summed)).toBeLessThan(1e-5);
    pixels.dispose();
  });

  test('3: nothing after an end token matters', async () => {
    const state = stateOf(prompts);
    const encode = async (given: PromptTokens) => {
      const text = encodePrompts(clip.text, given, promptParameters(weightsOf(state)), config);
      const data = await text.data<'float32'>();
      text.dispose();
      return data;
    };
    const expected = await encode(tokens);
    for (const filler of [
      [0, 0, 0],
      [7, 1, 6, 2],
    ]) {
      const padded = tokens.map((ids) => [...Array.from(ids), ...filler]) as unknown as PromptTokens;
      expect(largestDifference(await encode(padded), expected)).toBeLessThan(1e-6);
    }
    state.dispose();
  });

  test('4: overwritten vectors act through the first block’s attention alone', async () => {
    const deaf = await loadClip(
      tinyClipFiles((files) => {
        files['open_clip_model.safetensors'] = withoutFirstAttention();
      }),
    );
    const gradientOf = async (model: Clip) => {
      const state = stateOf(prompts);
      const loss = () =>
        tf.sum(
          tf.mul(
            encodePrompts(model.text, tokens, promptParameters(weightsOf(state)), config),
            [1, 2, 3, 4, 5, 6],
          ),
        ) as tf.Scalar;
      const { value, grads } = tf.variableGrads(loss);
      const variable = state.parameters.get('context.normal') as tf.Variable;
      const rows = (await grads[variable.name].array()) as number[][];
      tf.dispose([value, grads]);
      state.dispose();
      return rows.map((row) => Math.max(...row.map(Math.abs)));
    };
    const [first, second, third] = await gradientOf(deaf);
    expect([first, second]).toEqual([0, 0]); // two tokens are overwritten before the second block
    expect(third).toBeGreaterThan(1e-3);
    expect(Math.min(...(await gradientOf(clip)))).toBeGreaterThan(1e-4);
    await deaf.dispose();
  });

  test('5: both classes sum to 1 on points and to 0 elsewhere', async () => {
    const text = Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0.6, 0.8, 0, 0, 0);
    const exchanged = Float32Array.of(...text.subarray(6), ...text.subarray(0, 6));
    const raw = pointadConfig({ ...tinyConfig, pointSmoothing: 'none' });
    const scoresOf = async (data: Float32Array) => {
      const detector = createPointadDetector(clip, { data, width: 6 }, raw);
      const { pointScores, cloud } = await detector.predict({ views });
      detector.dispose();
      return { pointScores, probability: cloud.probability };
    };
    const [anomalous, normal] = [await scoresOf(text), await scoresOf(exchanged)];
    expect(anomalous.probability + normal.probability).toBeCloseTo(1, 6);
    const sums = anomalous.pointScores.map((score, i) => score + normal.pointScores[i]);
    expect(largestDifference(sums, views.foreground)).toBeLessThan(1e-6);
    expect(new Set(views.foreground)).toEqual(new Set([0, 1]));
  });

  test('6: the order of the views does not matter', async () => {
    const detector = createPointadDetector(
      clip,
      { data: Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0.6, 0.8, 0, 0, 0), width: 6 },
      config,
    );
    const inOrder = await detector.predict({ views, positions });
    const reordered = await detector.predict({ views: reorder(views, [2, 0, 1]), positions });
    expect(reordered.imageScore).toBeCloseTo(inOrder.imageScore, 6);
    expect(largestDifference(reordered.pointScores, inOrder.pointScores)).toBeLessThan(1e-6);
    detector.dispose();
  });
});

function reorder(views: MultiViewSample, order: readonly number[]): MultiViewSample {
  const { renderings, correspondences, viewCount } = views;
  if (!correspondences) throw new Error('the sample keeps correspondences');
  const take = <T extends Uint8Array | Uint16Array>(from: T): T => {
    const taken = from.slice() as T;
    const length = from.length / viewCount;
    for (const [to, view] of order.entries())
      taken.set(from.subarray(view * length, (view + 1) * length), to * length);
    return taken;
  };
  return {
    ...views,
    renderings: take(renderings),
    correspondences: {
      ...correspondences,
      pixels: take(correspondences.pixels),
      visible: take(correspondences.visible),
    },
  };
}

function withoutFirstAttention(): Uint8Array {
  const changed: Record<string, TensorToWrite> = {};
  for (const [name, { shape, data }] of readSafetensors(tinyClipWeights()).tensors) {
    const isOutput = name.startsWith('transformer.resblocks.0.attn.out_proj.');
    changed[name] = {
      shape: [...shape],
      data: isOutput ? new Float32Array(data.length) : (data as Float32Array),
    };
  }
  return writeSafetensors(changed);
}
