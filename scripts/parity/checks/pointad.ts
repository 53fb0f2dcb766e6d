import { type ClipConfig, clipPreprocessing, TextTower, VisionTower } from '@anomclip/core/clip';
import type { Features } from '@anomclip/core/encoder';
import { adam } from '@anomclip/core/training';
import { stateOf, weightsOf } from '@anomclip/methods/heads';
import { focalLoss } from '@anomclip/methods/losses';
import {
  diceTargets,
  encodePrompts,
  type HybridLossConfig,
  hybridLoss,
  lossTerms,
  patchProbabilities,
  pointadBatch,
  promptParameters,
  type TrainingSample,
  viewMaps,
} from '@anomclip/methods/pointad';
import { backProjection, multiplyRows } from '@anomclip/pointcloud/views';
import * as tf from '@tensorflow/tfjs';
import { checkpointOf, errorOf, type Golden, imagesOf, largestError, patchRows } from '../golden.js';
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
  const samples = goldenSamples(golden);
  const batch = pointadBatch(samples);
  const size = batch.viewMasks.shape[1];
  const config: HybridLossConfig = {
    temperature,
    loss: { enable: lossTerms, globalMil: 'meanLogit', milGrouping: 'perSample' },
  };

  const text = encode();
  const unnormalised = golden.values('output.text_features_unnormalised');
  compare(
    'text_features',
    largestError(await text.data(), unitRows(Float32Array.from(unnormalised), text.shape[1])),
    5e-5 * loose,
  );
  const probabilities = patchProbabilities(batch.patches[0], text, temperature);
  const maps = viewMaps(probabilities, size);
  const ofAnomalous = (name: string) =>
    golden.values(name).filter((_: number, i: number) => Math.floor(i / size ** 2) % 2 === 1);
  compare(
    'similarity_map',
    await errorOf(maps, ofAnomalous('output.similarity_map_first_layer')),
    5e-5 * loose,
  );
  const patchValues = await probabilities.data<'float32'>();
  const points = samples.flatMap(([{ correspondences }], sample) => {
    const reading = backProjection(correspondences, { mapSize: Math.sqrt(probabilities.shape[1]) });
    const start = sample * reading.columnCount;
    return [...multiplyRows(reading, patchValues.slice(start, start + reading.columnCount))];
  });
  compare('point_map', largestError(points, ofAnomalous('output.point_map')), 5e-5 * loose);
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

  tf.dispose([
    text,
    probabilities,
    maps,
    focal,
    value,
    grads,
    Object.values(terms),
    Object.values(interleaved),
  ]);
  const sums = [batch.viewDice, batch.pointDice].map((dice) => [
    dice.overlap,
    dice.size,
    Object.values(dice.targets),
  ]);
  tf.dispose([batch.image, [...batch.patches], batch.viewMasks, sums]);
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

/** The file's samples and their features; of the first feature layer only, as the released training has it. */
function goldenSamples(golden: Golden): (readonly [TrainingSample, Features])[] {
  const [samples, viewCount, pointCount] = golden.shape('input.correspondence_xy_seen');
  const size = Math.sqrt(pointCount);
  const layer = (JSON.parse(golden.setting('feature_layers') ?? '[]') as number[])[0];
  const part = (name: string, sample: number) => {
    const values = Float32Array.from(golden.values(name));
    return values.subarray((sample * values.length) / samples, ((sample + 1) * values.length) / samples);
  };
  return Array.from({ length: samples }, (_, sample) => {
    const seen = part('input.correspondence_xy_seen', sample); // x, y, flag
    const foreground = Uint8Array.from(part('input.non_zero', sample));
    const correspondences = {
      viewCount,
      pointCount,
      size,
      pixels: Uint16Array.from(seen.filter((_, i) => i % 3 < 2)),
      visible: Uint8Array.from(
        seen.filter((_, i) => i % 3 === 2),
        (flag, i) => flag * foreground[i % pointCount],
      ),
      foreground,
    };
    const targets = Uint8Array.from(part('input.gt_points', sample));
    const masks = Uint8Array.from(part('input.view_gt', sample));
    const [width] = golden.shape('output.image_features_unnormalised').slice(-1);
    const patches = unitRows(part(`output.patch_features_layer_${layer}`, sample), width);
    const tokens = patches.length / width / viewCount; // the class token first
    const withoutClass = patches.filter((_, i) => Math.floor(i / width) % tokens > 0);
    const features: Features = new Map([
      [
        'image',
        {
          shape: [viewCount, width],
          data: unitRows(part('output.image_features_unnormalised', sample), width),
        },
      ],
      ['patches', { shape: [viewCount, tokens - 1, width], data: withoutClass }],
    ]);
    const truth = { correspondences, targets, masks };
    const dice = diceTargets(truth, Math.sqrt(tokens - 1), {
      viewNormalization: 'visibleCount',
      loss: { background: 'zeroFill' },
    });
    const [label] = part('input.label', sample);
    return [
      {
        ...truth,
        dice,
        label: label === 1 ? 1 : 0,
        viewLabels: Uint8Array.from(part('input.view_labels', sample)),
      },
      features,
    ];
  });
}

function unitRows(values: Float32Array, width: number): Float32Array {
  return values.map((value, i) => {
    const start = i - (i % width);
    return value / Math.hypot(...values.subarray(start, start + width));
  });
}
