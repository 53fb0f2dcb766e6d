import { setUpBackend } from '@anomclip/core/backend';
import { compiledGradients } from '@anomclip/core/compiled';
import type { OnnxRuntime } from '@anomclip/core/encoder';
import { createRng } from '@anomclip/core/random';
import { fitThreeDzal, pointsToDonate } from '@anomclip/methods/three-dzal';
import { type ObjectCategory, scanObject } from '@anomclip/synth/objects';
import type { FitThreeDzalReport, FitThreeDzalSetting } from './cases/three-dzal.js';

/** Fits and uses 3DzAL's preset `fast`; its argument is a `FitThreeDzalSetting`, its output a `FitThreeDzalReport`. */
const { scans, engine } = JSON.parse(process.argv[2]) as FitThreeDzalSetting;
await setUpBackend('wasm');
const rng = createRng('bench/3dzal');
const scan = (category: ObjectCategory, i: number) =>
  scanObject(category, rng.fork(category, i), { height: 300, width: 300 });
const training = Array.from({ length: scans }, (_, i) => scan('bread_roll', i));
const donated = Array.from({ length: 2 }, (_, i) => scan('coaster', i));
const ort = (await import('onnxruntime-node')) as OnnxRuntime;

const start = performance.now();
const donors = [await pointsToDonate(donated, {}, { preset: 'fast' })];
const options = engine === 'onnxruntime-node' ? { gradients: compiledGradients(ort) } : {};
const detector = await fitThreeDzal(training, donors, {}, { preset: 'fast', ...options });
const fittedAt = performance.now();
await detector.predict(scan('gasket', 0));
const report: FitThreeDzalReport = {
  fitSeconds: (fittedAt - start) / 1000,
  scoreSeconds: (performance.now() - fittedAt) / 1000,
  megabytes: process.resourceUsage().maxRSS / 1024,
};
detector.dispose();
console.log(JSON.stringify(report));
