import { setUpBackend } from '@anomclip/core/backend';
import { parseClipConfig, VisionTower } from '@anomclip/core/clip';
import { compiledGradients } from '@anomclip/core/compiled';
import { createRng } from '@anomclip/core/random';
import {
  adamW,
  type GradientSource,
  ModelState,
  type TrainingTask,
  tfjsGradients,
} from '@anomclip/core/training';
import * as tf from '@tensorflow/tfjs';
import type { TrainTowerSetting } from './cases/compiled.js';
import { randomClip } from './random-clip.js';
import { serve } from './serve.js';

/** A training step of a vision tower whenever it is told to, in a process of its own; its argument is a `TrainTowerSetting`. */
const { engine, config: json, batch: count, threads } = JSON.parse(process.argv[2]) as TrainTowerSetting;
const config = parseClipConfig(json);
const { imageSize: size, layers: last } = config.vision;
await setUpBackend('wasm');
const megabytesAtStart = process.resourceUsage().maxRSS / 1024;

const state = new ModelState();
const vision = await VisionTower.load(randomClip(config), config, state);
const optimiser = adamW([{ parameters: state.parameters, learningRate: 1e-4 }]);
const pixels = Float32Array.from({ length: count * size * size * 3 }, (_, i) => Math.sin(0.37 * i));
const batch = { images: tf.tensor4d(pixels, [count, size, size, 3]) };
const task: TrainingTask<typeof batch> = {
  state,
  sampleCount: 1,
  batch: () => batch,
  loss: ({ images }) => {
    const { image, patches } = vision.encode(images, { layers: [last], projectPatches: true });
    const ofPatches = tf.square(patches.get(last) as tf.Tensor3D);
    return { total: tf.add(tf.mean(tf.square(image)), tf.mean(ofPatches)) as tf.Scalar };
  },
};
const run = (await gradientSource()).start(task, state.parameters);
const rng = createRng('train-tower');
let steps = 0;

async function work(): Promise<void> {
  const { losses, gradients } = await run.step(batch, { step: steps, epoch: 0, rng });
  optimiser.step(gradients, 1);
  await losses.get('total')?.data(); // what is asked for is done
  tf.dispose([...losses.values(), ...gradients.values()]);
  steps++;
}

await serve(`${engine}, threads ${threads},`, work, megabytesAtStart);

async function gradientSource(): Promise<GradientSource> {
  if (engine === 'wasm') return tfjsGradients;
  return compiledGradients(await import('onnxruntime-node'), { threads });
}
