import { type ClipConfig, clipPreprocessing, TextTower, VisionTower } from '@anomclip/core/clip';
import { normalise } from '@anomclip/core/tensor';
import { adam } from '@anomclip/core/training';
import { stateOf, weightsOf } from '@anomclip/methods/heads';
import { focalLoss } from '@anomclip/methods/losses';
import {
  encodePrompts,
  type HybridLossConfig,
  hybridLoss,
  lossTerms,
  type PointadBatch,
  patchProbabilities,
  pointProbabilities,
  promptParameters,
  viewMaps,
} from '@anomclip/methods/pointad';
import * as tf from '@tensorflow/tfjs';
import { checkpointOf, errorOf, type Golden, imagesOf, patchRows } from '../golden.js';
import type { Compare } from '../parity.js';

/** Official names of the losses, by ours. */
const lossNames = {
  pointGlobal: 'd3_global',
  pointLocal: 'd3_local',
  viewGlobal: 'd2_global',
  viewLocal: 'd2_local',
} as const;

/** PointAD's whole training step, on whatever feature layers, views and batch the file has. */
export async function checkPointad(golden: Golden, compare: Compare): Promise<void> {
  await checkFrozenFeatures(golden, compare);
  await checkTrainingStep(golden, compare);
}

async function checkFrozenFeatures(golden: Golden, compare: Compare): Promise<void> {
  const config = pointadClip(golden);
  const tolerance = tf.getBackend() === 'webgpu' ? 2e-3 : 5e-5;
  const vision = await VisionTower.load(checkpointOf(golden), config);
  const images = imagesOf(golden, 'input.renderings_nchw');
  const replaced = Number(golden.setting('dpam_layers_argument')) - 1;
  const features = vision.encode(images, {
    layers: featureLayers(golden),
    valueAttentionFrom: config.vision.layers - replaced + 1,
    projectPatches: true,
  });
  const expected = golden.values('output.image_features_unnormalised');
  compare('image_features', await errorOf(features.image, expected), tolerance);
  for (const [layer, patches] of features.patches) {
    const name = `output.patch_features_layer_${layer}`;
    compare(name.slice(7), await errorOf(patches, patchRows(golden, name)), tolerance);
  }
  tf.dispose([images, features.image, [...features.patches.values()]]);
  vision.dispose();
}

async function checkTrainingStep(golden: Golden, compare: Compare): Promise<void> {
  const loose = tf.getBackend() === 'webgpu' ? 40 : 1;
  const temperature = Number(golden.setting('temperature'));
  const tower = await TextTower.load(textCheckpoint(golden), pointadClip(golden));
  const tokens = [
    golden.values('prompt.tokenized_normal'),
    golden.values('prompt.tokenized_anomalous'),
  ] as const;
  const names = golden.names.filter((name) => name.startsWith('grad.')).map((name) => name.slice(5));
  const ours = (name: string) => name.replace('ctx_', 'context.').replace('deep_', 'deep.');
  const state = stateOf(
    Object.fromEntries(
      names.map((name) => [
        ours(name),
        { shape: [...golden.shape(`prompt.${name}`)], data: promptBeforeTheStep(golden, name) },
      ]),
    ),
  );
  const deepPrompt = { depth: 0, length: 0, initStd: 0, roundToHalf: false };
  const encode = () => encodePrompts(tower, tokens, promptParameters(weightsOf(state)), { deepPrompt });
  const batch = goldenBatch(golden);
  const size = batch.viewMasks.shape[1];
  const config: HybridLossConfig = {
    temperature,
    loss: { enable: lossTerms, globalMil: 'meanLogit', milGrouping: 'perSample', background: 'zeroFill' },
  };

  const text = encode();
  const unnormalised = golden.values('output.text_features_unnormalised');
  compare('text_features', await errorOf(text, unitRows(unnormalised, text.shape[1])), 5e-5 * loose);
  const maps = tf.tidy(() => viewMaps(patchProbabilities(batch.patches[0], text, temperature), size));
  const ofAnomalous = (name: string) =>
    golden.values(name).filter((_, i) => Math.floor(i / size ** 2) % 2 === 1);
  compare(
    'similarity_map',
    await errorOf(maps, ofAnomalous('output.similarity_map_first_layer')),
    5e-5 * loose,
  );
  const points = pointProbabilities(maps, batch.gather);
  compare('point_map', await errorOf(points, ofAnomalous('output.point_map')), 5e-5 * loose);
  const focal = focalLoss(maps, batch.viewMasks);
  compare('loss.d2_focal', await errorOf(focal, golden.values('loss.d2_focal')), 1e-5 * loose);

  const terms = hybridLoss(batch, text, config);
  for (const [term, loss] of Object.entries(terms)) {
    const name = `loss.${lossNames[term as keyof typeof lossNames]}`;
    compare(name, await errorOf(loss, golden.values(name)), 1e-5 * loose);
  }
  const interleaved = hybridLoss(batch, text, {
    ...config,
    loss: { ...config.loss, enable: ['pointGlobal'], milGrouping: 'batchInterleaved' },
  });
  for (const loss of Object.values(interleaved)) {
    const expected = golden.values('loss.d3_global_as_public_code');
    compare('loss.d3_global_as_public_code', await errorOf(loss, expected), 1e-5 * loose);
  }

  const { value, grads } = tf.variableGrads(
    () => tf.addN(Object.values(hybridLoss(batch, encode(), config))) as tf.Scalar,
  );
  compare('loss.total', await errorOf(value, golden.values('loss.total')), 1e-5 * loose);
  const gradients = new Map([...state.parameters].map(([name, variable]) => [name, grads[variable.name]]));
  for (const name of names) {
    const expected = golden.values(`grad.${name}`);
    const largest = expected.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
    const error = await errorOf(gradients.get(ours(name)) as tf.Tensor, expected);
    compare(`grad.${name}, relative to the largest`, error / largest, 1e-4 * loose);
  }

  const optimiser = adam([{ parameters: state.parameters, learningRate: 1e-3, betas: [0.5, 0.999] }]);
  optimiser.step(gradients, 1);
  for (const name of names.filter((each) => golden.has(`after_adam.${each}`))) {
    const parameter = state.parameters.get(ours(name)) as tf.Variable;
    const error = await errorOf(parameter, golden.values(`after_adam.${name}`));
    compare(`after_adam.${name}`, error, 1e-5 * loose);
  }

  tf.dispose([text, maps, points, focal, value, grads, Object.values(terms), Object.values(interleaved)]);
  tf.dispose([batch.image, [...batch.patches], batch.viewMasks, batch.pointMasks, batch.foreground]);
  tf.dispose([batch.gather.indices, batch.gather.weights]);
  optimiser.dispose();
  state.dispose();
  tower.dispose();
}

function pointadClip(golden: Golden): ClipConfig {
  const json = JSON.parse(golden.setting('config') ?? '{}') as Record<string, number>;
  return {
    embeddingWidth: json.embed_dim,
    activation: 'quick-gelu',
    vision: {
      imageSize: json.image_resolution,
      patchSize: json.vision_patch_size,
      width: json.vision_width,
      layers: json.vision_layers,
      heads: Number(golden.setting('heads_vision')),
      mlpWidth: 4 * json.vision_width,
    },
    text: {
      contextLength: json.context_length,
      vocabularySize: json.vocab_size,
      width: json.transformer_width,
      layers: json.transformer_layers,
      heads: json.transformer_heads,
      mlpWidth: 4 * json.transformer_width,
    },
    preprocess: clipPreprocessing,
  };
}

function featureLayers(golden: Golden): number[] {
  return JSON.parse(golden.setting('feature_layers') ?? '[]') as number[];
}

/** The file keeps only the rows of the token embedding that its prompts use. */
function textCheckpoint(golden: Golden): ReturnType<typeof checkpointOf> {
  const checkpoint = checkpointOf(golden);
  const { vocabularySize, width } = pointadClip(golden).text;
  const rows = golden.values('weights.token_embedding.rows');
  return {
    shapes: new Map([...checkpoint.shapes, ['token_embedding.weight', [vocabularySize, width]]]),
    read: async (name) => {
      if (name !== 'token_embedding.weight') return checkpoint.read(name);
      const table = new Float32Array(vocabularySize * width);
      for (const [row, id] of golden.values('weights.token_embedding.row_ids').entries()) {
        table.set(rows.subarray(row * width, (row + 1) * width), id * width);
      }
      return table;
    },
  };
}

/**
 * A parameter as it was before the step. Where a file's `prompt.*` equal its `after_adam.*`, they were written after the
 * optimiser had moved them in place; Adam's first step is lr·g/(|g| + ε) whatever its betas, so it can be undone.
 */
function promptBeforeTheStep(golden: Golden, name: string): Float32Array {
  const values = golden.values(`prompt.${name}`);
  const after = golden.values('after_adam.ctx_normal');
  const movedInPlace = golden.values('prompt.ctx_normal').every((value, i) => value === after[i]);
  if (!movedInPlace) return Float32Array.from(values);
  const gradient = golden.values(`grad.${name}`);
  return Float32Array.from(
    values,
    (value, i) => value + (1e-3 * gradient[i]) / (Math.abs(gradient[i]) + 1e-8),
  );
}

/** The file's features and targets; of the first feature layer only, as the released training has it. */
function goldenBatch(golden: Golden): PointadBatch {
  const [samples, views, points] = golden.shape('input.correspondence_xy_seen');
  const size = Math.sqrt(points);
  const seen = golden.values('input.correspondence_xy_seen');
  const foreground = Float32Array.from(golden.values('input.non_zero'));
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
  const tensor = (name: string, shape: readonly number[]) =>
    tf.tensor(Float32Array.from(golden.values(name)), [...shape]);
  const features = `output.patch_features_layer_${featureLayers(golden)[0]}`;
  return tf.tidy(() => {
    const patches = tf.slice(tensor(features, golden.shape(features)), [0, 1, 0]) as tf.Tensor3D;
    const image = 'output.image_features_unnormalised';
    return {
      samples,
      views,
      image: normalise(tensor(image, golden.shape(image)) as tf.Tensor2D),
      patches: [normalise(patches)],
      gather: {
        indices: tf.tensor1d(indices, 'int32'),
        weights: tf.tensor3d(weights, [samples, views, points]),
      },
      labels: [...golden.values('input.label')],
      viewLabels: [...golden.values('input.view_labels')],
      viewMasks: tensor('input.view_gt', [samples * views, size, size]) as tf.Tensor3D,
      pointMasks: tensor('input.gt_points', [samples, points]) as tf.Tensor2D,
      foreground: tf.tensor2d(foreground, [samples, points]),
    };
  });
}

function unitRows(values: Float64Array, width: number): Float64Array {
  return values.map((value, i) => {
    const start = i - (i % width);
    return value / Math.hypot(...values.subarray(start, start + width));
  });
}
