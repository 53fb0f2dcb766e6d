import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BackendError } from '@anomclip/core/backend';
import type { PointNetConfig } from '@anomclip/core/pointnet';
import { createRng } from '@anomclip/core/random';
import { adam, train } from '@anomclip/core/training';
import {
  createNetworks,
  type PartialThreeDzalConfig,
  type ThreeDzalBatch,
  type ThreeDzalPreset,
  threeDzalConfig,
  trainingLoss,
} from '@anomclip/methods/three-dzal';
import * as tf from '@tensorflow/tfjs';
import { startBackend } from '../../parity/backend.js';
import { median } from '../compare.js';

/** How much longer a training step may take than its matrix products alone. */
const atMost = 2;

const mostMinutes = 15;
const mostMegabytes = 2000;

/** What a process of `fit-3dzal.ts` is told. */
export interface FitThreeDzalSetting {
  readonly scans: number;
  /** Of the training. */
  readonly engine: 'wasm' | 'onnxruntime-node';
}

/** What it says. */
export interface FitThreeDzalReport {
  /** Donors, features, training, bank, calibration. */
  readonly fitSeconds: number;
  /** One scan, the first: with the search's preparation. */
  readonly scoreSeconds: number;
  /** Of the process at its peak. */
  readonly megabytes: number;
}

/**
 * Training steps of both networks of 3DzAL beside plain matrix products of the same shapes, on wasm and, on very few patches,
 * on webgpu; then the preset `fast` fitted on 30 scans.
 */
export async function benchThreeDzal(rounds: number): Promise<boolean> {
  let allMet = true;
  await startBackend('wasm');
  for (const preset of ['fast', 'paper'] as const) {
    const { name, ratio } = await benchSteps(preset, {}, rounds);
    const met = ratio <= atMost;
    console.log(`${name} on wasm: ratio ${ratio.toFixed(2)} (at most ${atMost}: ${met ? 'met' : 'MISSED'})`);
    allMet &&= met;
  }
  for (const engine of ['wasm', 'onnxruntime-node'] as const) {
    const { fitSeconds, scoreSeconds, megabytes } = fitFast({ scans: 30, engine });
    const met = fitSeconds <= 60 * mostMinutes && megabytes <= mostMegabytes;
    console.log(
      `3DzAL, preset fast, 30 scans on ${engine}: fitted in ${(fitSeconds / 60).toFixed(1)} minutes (at most ${mostMinutes}), a scan scored in ${scoreSeconds.toFixed(1)} s, peak ${megabytes.toFixed(0)} MB (at most ${mostMegabytes}): ${met ? 'met' : 'MISSED'}`,
    );
    allMet &&= met;
  }
  try {
    await startBackend('webgpu');
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    console.log(`3DzAL on webgpu: not measured. ${error.message}`);
    return allMet;
  }
  const { name, ratio } = await benchSteps('fast', { positivesPerStep: 2, negativeRatio: 2 }, rounds);
  console.log(`${name} on webgpu: ratio ${ratio.toFixed(2)}; so few patches say nothing about a GPU's rate`);
  return allMet;
}

/** In a process of its own, whose peak of memory is the method's. */
function fitFast(setting: FitThreeDzalSetting): FitThreeDzalReport {
  const program = fileURLToPath(new URL('../fit-3dzal.ts', import.meta.url));
  const printed = execFileSync(process.execPath, [...process.execArgv, program, JSON.stringify(setting)], {
    encoding: 'utf8',
  });
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '') as FitThreeDzalReport;
}

async function benchSteps(
  preset: ThreeDzalPreset,
  given: PartialThreeDzalConfig,
  rounds: number,
): Promise<{ name: string; ratio: number }> {
  const config = threeDzalConfig(given, preset);
  const positives = config.positivesPerStep;
  const patches = positives * (1 + config.negativeRatio);
  const networks = createNetworks(config, 1);
  const { learned, state } = networks;
  if (!learned) throw new Error('the preset has no learned features');
  const rng = createRng('three-dzal');
  const values = Float32Array.from({ length: 3 * patches * config.patchPoints }, () =>
    rng.uniform(-0.6, 0.6),
  );
  const lossOf = trainingLoss(networks, config);
  const optimiser = adam([{ parameters: state.parameters }]);
  const products = productsOf(learned.config, patches, config.patchPoints);
  const steps: number[] = [];
  let start = performance.now();
  await train<ThreeDzalBatch>(
    {
      state,
      sampleCount: rounds + 1, // the first warms up
      batch: () => ({
        points: tf.tensor3d(values.slice(), [patches, config.patchPoints, 3]),
        groups: learned.groupRows(learned.chooseGroups(values, patches), patches, config.patchPoints),
        positives,
        fpfh: tf.ones([positives, 33]),
        dropout: {},
      }),
      loss: lossOf,
    },
    rng,
    {
      optimiser,
      epochs: 1,
      onProgress: () => {
        steps.push((performance.now() - start) / 1000);
        start = performance.now();
      },
    },
  );
  optimiser.dispose();
  state.dispose();
  const plain: number[] = [];
  for (let round = 0; round <= rounds; round++) plain.push(2 * (await secondsOf(products)));

  const [seconds, plainSeconds] = [median(steps.slice(1)), median(plain.slice(1))];
  const operations =
    2 * products.reduce((sum, { rows, inputs, outputs }) => sum + 6 * rows * inputs * outputs, 0);
  const rate = (time: number) => `${(operations / time / 1e9).toFixed(1)} GFLOP/s`;
  return {
    name: `3DzAL, preset ${preset}, ${patches} patches: ${(60 / seconds).toFixed(1)} steps a minute, ${rate(seconds)}, the products alone ${rate(plainSeconds)}`,
    ratio: seconds / plainSeconds,
  };
}

interface Product {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** The product of every layer of one network. */
function productsOf(config: PointNetConfig, patches: number, patchPoints: number): Product[] {
  const products: Product[] = [];
  const addMlp = (rows: number, from: number, widths: readonly number[]) => {
    widths.forEach((outputs, i) => {
      products.push({ rows, inputs: widths[i - 1] ?? from, outputs });
    });
  };
  let [points, width] = [patchPoints, 0];
  for (const { centres, scales } of config.levels) {
    for (const { groupSize, widths } of scales) addMlp(patches * centres * groupSize, 3 + width, widths);
    width = scales.reduce((sum, { widths }) => sum + (widths.at(-1) ?? 0), 0);
    points = centres;
  }
  addMlp(patches * points, 3 + width, config.globalWidths);
  addMlp(patches, config.globalWidths.at(-1) ?? 0, [...config.headWidths, config.outputs]);
  return products;
}

/** Each product and the two of its gradients, without anything else. */
async function secondsOf(products: readonly Product[]): Promise<number> {
  let seconds = 0;
  for (const { rows, inputs, outputs } of products) {
    const [x, weight, slope] = [
      tf.ones([rows, inputs]) as tf.Tensor2D,
      tf.ones([inputs, outputs]) as tf.Tensor2D,
      tf.ones([rows, outputs]) as tf.Tensor2D,
    ];
    const start = performance.now();
    const results = [
      tf.matMul(x, weight),
      tf.matMul(x, slope, true, false),
      tf.matMul(slope, weight, false, true),
    ];
    // Kernels on wasm are done when they return; those of webgpu when something is read.
    if (tf.getBackend() === 'webgpu') await results[2].data();
    seconds += (performance.now() - start) / 1000;
    tf.dispose([x, weight, slope, ...results]);
  }
  return seconds;
}
