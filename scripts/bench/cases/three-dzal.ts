import { setUpBackend } from '@anomclip/core/backend';
import type { PointNetConfig } from '@anomclip/core/pointnet';
import { createRng } from '@anomclip/core/random';
import { adam, train } from '@anomclip/core/training';
import {
  createNetworks,
  type ThreeDzalBatch,
  type ThreeDzalPreset,
  threeDzalConfig,
  trainingLoss,
} from '@anomclip/methods/three-dzal';
import * as tf from '@tensorflow/tfjs';
import { median } from '../compare.js';

/**
 * How much longer a training step may take than its matrix products alone: besides them there are batch norm, maxima,
 * gathers, and the layers computed twice.
 */
const atMost = 3;

/** Training steps of both networks of 3DzAL on wasm, beside plain matrix products of the same shapes. */
export async function benchThreeDzal(rounds: number): Promise<boolean> {
  await setUpBackend('wasm');
  let allMet = true;
  for (const preset of ['fast', 'paper'] as const) allMet = (await benchPreset(preset, rounds)) && allMet;
  return allMet;
}

async function benchPreset(preset: ThreeDzalPreset, rounds: number): Promise<boolean> {
  const config = threeDzalConfig({}, preset);
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
  const pairs: [number, number][] = [];
  let start = performance.now();
  await train<ThreeDzalBatch>(
    {
      state,
      sampleCount: rounds + 1, // the first warms up
      batch: () => ({
        points: tf.tensor3d(values.slice(), [patches, config.patchPoints, 3]),
        groups: learned.chooseGroups(values, patches),
        positives,
        fpfh: new Float32Array(33 * positives).fill(1),
      }),
      loss: (batch, step) => lossOf(batch, step.rng),
    },
    rng,
    {
      optimiser,
      epochs: 1,
      onProgress: () => {
        const step = (performance.now() - start) / 1000;
        pairs.push([step, 2 * secondsOf(products)]);
        start = performance.now();
      },
    },
  );
  optimiser.dispose();
  state.dispose();

  const measured = pairs.slice(1);
  const seconds = median(measured.map(([step]) => step));
  const ratio = median(measured.map(([step, plain]) => step / plain));
  const operations =
    2 * products.reduce((sum, { rows, inputs, outputs }) => sum + 6 * rows * inputs * outputs, 0);
  const met = ratio <= atMost;
  const rate = operations / seconds / 1e9;
  console.log(
    `3DzAL, preset ${preset}, ${patches} patches: ${(60 / seconds).toFixed(1)} steps a minute, ${rate.toFixed(1)} GFLOP/s, ` +
      `the products alone ${(rate * ratio).toFixed(1)} GFLOP/s, ratio ${ratio.toFixed(2)} (at most ${atMost}: ${met ? 'met' : 'MISSED'})`,
  );
  return met;
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
function secondsOf(products: readonly Product[]): number {
  let seconds = 0;
  for (const { rows, inputs, outputs } of products) {
    tf.tidy(() => {
      const [x, weight, slope] = [
        tf.ones([rows, inputs]) as tf.Tensor2D,
        tf.ones([inputs, outputs]) as tf.Tensor2D,
        tf.ones([rows, outputs]) as tf.Tensor2D,
      ];
      const start = performance.now();
      tf.matMul(x, weight);
      tf.matMul(x, slope, true, false);
      tf.matMul(slope, weight, false, true);
      seconds += (performance.now() - start) / 1000; // kernels on wasm are done when they return
    });
  }
  return seconds;
}
