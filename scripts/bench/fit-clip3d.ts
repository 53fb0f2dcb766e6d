import { setUpBackend } from '@anomclip/core/backend';
import { Clip, clipConfig, TextTower, wordTokenizer } from '@anomclip/core/clip';
import { compiledGradients } from '@anomclip/core/compiled';
import { createOnnxImageEncoder, type OnnxRuntime } from '@anomclip/core/encoder';
import { createRng } from '@anomclip/core/random';
import {
  clip3dConfig,
  clip3dEncoding,
  fitClip3d,
  type PartialClip3dConfig,
} from '@anomclip/methods/clip3d-ad';
import { scanObject } from '@anomclip/synth/objects';
import type { FitClip3dReport } from './cases/clip3d-ad.js';
import { randomClip } from './random-clip.js';

/**
 * Fits and scores CLIP3D-AD at full size with random weights, and prints a `FitClip3dReport`; its arguments are a partial
 * configuration and the engine of the training, `wasm` or `onnxruntime-node`. The text tower has one block: it runs once per class, and that is not what is timed.
 */
const given = JSON.parse(process.argv[2]) as PartialClip3dConfig;
const isNative = process.argv[3] === 'onnxruntime-node';
const name = 'ViT-B-16-plus-240';
const paperModel = clipConfig(name);
const model = { ...paperModel, text: { ...paperModel.text, layers: 1, vocabularySize: 3 } };
await setUpBackend('wasm');
const checkpoint = randomClip(model);
const config = clip3dConfig(given);
const runtime = (await import('onnxruntime-node')) as OnnxRuntime;
const encoding = { ...clip3dEncoding(config, model), selfCheck: false as const };
const clip = new Clip(model, {
  vision: await createOnnxImageEncoder(runtime, checkpoint, model, encoding),
  text: await TextTower.load(checkpoint, model),
  tokenizer: wordTokenizer({ start: 1, end: 2, contextLength: 77, ids: new Map() }),
});
const scan = (key: string) =>
  scanObject('bread_roll', createRng('bench').fork(key), { height: 400, width: 400 });

const times: number[] = [];
const detector = await fitClip3d(clip, [scan('training')], given, {
  ...(isNative && { gradients: compiledGradients(runtime) }),
  onProgress: () => times.push(performance.now()),
});
const stepSeconds = times.slice(1).map((time, i) => (time - times[i]) / 1000);
const test = scan('test');
const start = performance.now();
const prepared = detector.prepare(test);
const preparedAt = performance.now();
await detector.predict(prepared);
const report: FitClip3dReport = {
  stepSeconds,
  prepareSeconds: (preparedAt - start) / 1000,
  scoreSeconds: (performance.now() - preparedAt) / 1000,
  megabytes: process.resourceUsage().maxRSS / 1024,
};
console.log(JSON.stringify(report));
detector.dispose();
await clip.dispose();
