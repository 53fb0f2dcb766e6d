import { setUpBackend } from '@anomclip/core/backend';
import { Clip, clipConfig, TextTower, type Tokenizer } from '@anomclip/core/clip';
import {
  createOnnxImageEncoder,
  FeatureCache,
  type ImageEncoder,
  type OnnxRuntime,
} from '@anomclip/core/encoder';
import { createRng } from '@anomclip/core/random';
import {
  createPointadDetector,
  featureBlocks,
  fitPointad,
  type PointadSample,
  pointadConfig,
  sampleFeatures,
} from '@anomclip/methods/pointad';
import { prepareMvtec3d } from '@anomclip/pointcloud/prepare';
import { createMultiViewSample } from '@anomclip/pointcloud/views';
import { scanObject } from '@anomclip/synth/objects';
import * as tf from '@tensorflow/tfjs';
import type { PointadWork } from './cases/pointad.js';
import { randomTower } from './random-tower.js';

/** PointAD with ViT-L/14@336 of random weights and nine views; prints seconds of one piece of work, and peak megabytes. */
const work = process.argv[2] as PointadWork;
const config = clipConfig('ViT-L-14-336');
const rng = createRng('bench pointad');
/** Ids as CLIP's tokenizer gives them for the two prompts; its merges are not at hand. */
const tokenizer: Tokenizer = {
  contextLength: 77,
  vocabularySize: 49408,
  startId: 49406,
  endId: 49407,
  split: (text) => (text.startsWith('damaged') ? [13568, 14115, 269] : [14115, 269]),
  encode: (texts) => texts.map((text) => [49406, ...tokenizer.split(text), 49407]),
};
await setUpBackend('wasm');
const seconds = work === 'predict' ? await timePrediction() : await timeStep(work === 'train');
console.log(seconds, process.resourceUsage().maxRSS / 1024);

async function timePrediction(): Promise<number> {
  const vision = await onnxEncoder();
  const text = Float32Array.from({ length: 2 * config.embeddingWidth }, () => rng.normal(0, 0.04));
  const detector = createPointadDetector(
    new Clip(config, { vision }),
    { data: text, width: config.embeddingWidth },
    pointadConfig(),
  );
  const sample = sampleOf(0);
  const start = performance.now();
  await detector.predict(sample);
  return (performance.now() - start) / 1000;
}

/** The last of several steps of four samples, whose features are in the cache by then. */
async function timeStep(withEncoder: boolean): Promise<number> {
  const samples = [0, 1, 2, 3].map(sampleOf);
  const vision = withEncoder ? await onnxEncoder() : randomFeatures();
  const features = { cache: new FeatureCache({ maxBytes: Infinity }), weights: 'random' };
  const blocks = featureBlocks(pointadConfig(), config);
  for (const { views } of samples) await sampleFeatures({ vision, config }, views, blocks, features);
  await vision.dispose(); // one tower at a time is in memory
  const text = await TextTower.load(randomTower(config), config);
  let [last, seconds] = [performance.now(), Number.NaN];
  const onProgress = () => {
    seconds = (performance.now() - last) / 1000;
    last = performance.now();
  };
  await fitPointad(
    new Clip(config, { vision, text, tokenizer }),
    samples,
    { epochs: 3 },
    { features, onProgress },
  );
  return seconds;
}

function sampleOf(index: number): PointadSample {
  const defect = index % 2 ? 'dent' : undefined;
  const scan = scanObject('bread_roll', rng.fork('scan', index), { height: 400, width: 400, defect });
  return { views: createMultiViewSample(prepareMvtec3d(scan), { dataset: 'mvtec3d' }) };
}

async function onnxEncoder(): Promise<ImageEncoder> {
  const runtime = (await import('onnxruntime-node')) as OnnxRuntime;
  const features = { layers: [config.vision.layers], valueAttentionFrom: 6, projectPatches: true };
  return createOnnxImageEncoder(runtime, randomTower(config), config, {
    ...features,
    selfCheck: false,
    // ONNX Runtime otherwise keeps a packed second copy of the weights: 2.6 GB instead of 3.3 GB.
    session: { extra: { session: { disable_prepacking: '1' } } },
  });
}

/** An encoder whose features are made up, for steps on their own: they cost the same whatever the numbers. */
function randomFeatures(): ImageEncoder {
  const { vision, embeddingWidth } = config;
  const patches = (vision.imageSize / vision.patchSize) ** 2;
  return {
    config: vision,
    embeddingWidth,
    encode: ({ shape: [count] }) => ({
      image: tf.randomNormal([count, embeddingWidth]),
      patches: new Map([[vision.layers, tf.randomNormal([count, patches, embeddingWidth])]]),
    }),
    dispose: () => undefined,
  };
}
