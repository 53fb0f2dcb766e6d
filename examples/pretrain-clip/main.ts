import { existsSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadClip } from '@anomclip/core/clip';
import { compiledGradients } from '@anomclip/core/compiled';
import { createOnnxImageEncoder } from '@anomclip/core/encoder';
import { encodePng } from '@anomclip/core/image';
import { openFolder, writeAtomically } from '@anomclip/core/node';
import { createRng } from '@anomclip/core/random';
import type { GradientSource, ModelState } from '@anomclip/core/training';
import type { FileSource } from '@anomclip/core/weights';
import { onnxRuntime, useBackend } from '../shared/engines.js';
import { createProgress } from '../shared/progress.js';
import { reportError } from '../shared/report-error.js';
import { contactSheet } from './contact-sheet.js';
import { drawSet, drawSetInMemory } from './draw-set.js';
import { heldOutCategories, trainingCategories } from './drawing/categories.js';
import { drawPair } from './drawing/draw-pair.js';
import { type Evaluation, type EvaluationData, evaluate, pathOptions } from './evaluate.js';
import { modelConfig } from './model-config.js';
import { averagedWeights, fileSource, modelFiles } from './model-files.js';
import { type Options, parseOptions } from './options.js';
import { pretrain } from './pretrain.js';

/** More than the half of the evaluation: renderings are learned more slowly. */
const RENDERING_SHARE = 0.6;

const withoutNative = 'pass --no-native';

async function main(options: Options): Promise<void> {
  if (options.sheet) return drawSheet(options, options.sheet);
  await useBackend(options.backend);
  if (options.evaluate) {
    const evaluation = await score(
      await openFolder(options.evaluate),
      await evaluationData(options),
      options,
    );
    console.log(JSON.stringify(evaluation, undefined, 1));
  } else await trainAndScore(options);
}

async function drawSheet({ side }: Options, file: string): Promise<void> {
  const categories = [...heldOutCategories, ...trainingCategories];
  const rng = createRng('pretrain-clip: sheet');
  const pairs = Array.from({ length: 40 }, (_, i) => drawPair(categories[i], rng.fork(i), { side }));
  await writeAtomically(file, encodePng(contactSheet(pairs, side)));
}

async function trainAndScore(options: Options): Promise<void> {
  const { seed, side, pairs, steps, every, batch, learningRate, workers } = options;
  const progress = createProgress();
  const set = {
    ...{ seed: 'training', side, pairs, categories: trainingCategories },
    renderingShare: RENDERING_SHARE,
  };
  const store = await drawSet(options.data, set, {
    workers,
    onProgress: (done, total) => progress.step(`drawing: shard ${done} of ${total}`),
  });
  progress.line(`${store.count} pairs of ${trainingCategories.length} categories`);
  const data = await evaluationData(options);
  const folder = join(options.out, `seed-${seed}`);
  const checkpoint = join(folder, 'checkpoint.safetensors');
  const config = modelConfig(options);
  let started = performance.now();
  const evaluations: Evaluation[] = []; // of what is written, in half precision

  const state = await pretrain(store, config, createRng(`pretrain-clip: seed ${seed}`), {
    ...{ steps, stepsPerPart: Math.min(every, steps), batchSize: batch, learningRate },
    gradients: await gradientSource(options),
    resume: existsSync(checkpoint) ? await readFile(checkpoint) : undefined,
    checkpoints: {
      everySteps: every,
      write: (bytes) => writeAtomically(checkpoint, bytes),
    },
    onProgress({ step, losses, gradientNorm }) {
      if ((step + 1) % 50 !== 0) return;
      const milliseconds = (performance.now() - started) / 50;
      started = performance.now();
      const shown = Object.entries(losses).map(([name, loss]) => `${name} ${loss.toFixed(3)}`);
      progress.line(
        `${step + 1} ${shown.join(' ')} norm ${gradientNorm.toFixed(2)} ${milliseconds.toFixed(0)} ms`,
      );
    },
    async afterPart(state, done) {
      const evaluation = await writeModel(state, options, folder, data);
      evaluations.push(evaluation);
      await appendFile(join(folder, 'scores.jsonl'), `${JSON.stringify({ step: done, ...evaluation })}\n`);
      progress.line(`${done} ${summary(evaluation)}`);
      started = performance.now();
    },
  });
  const files = modelFiles(await averagedWeights(state), options, config, 'F32');
  state.dispose();
  const half = evaluations[evaluations.length - 1];
  const single = await score(fileSource(files), data, options);
  const change = Math.abs(half.mean.imageAuroc - single.mean.imageAuroc);
  await writeAtomically(join(folder, 'evaluation.json'), `${JSON.stringify(half, undefined, 1)}\n`);
  progress.line(`final ${summary(half)}; half precision changes the image AUROC by ${change.toFixed(5)}`);
}

/** ONNX Runtime's where it is wanted, else TensorFlow.js's. */
async function gradientSource({ native, threads }: Options): Promise<GradientSource | undefined> {
  return native ? compiledGradients(await onnxRuntime(withoutNative), { threads }) : undefined;
}

/** Writes the averaged weights as a model folder, and scores what was written. */
async function writeModel(
  state: ModelState,
  options: Options,
  folder: string,
  data: EvaluationData,
): Promise<Evaluation> {
  const files = modelFiles(await averagedWeights(state), options, modelConfig(options), 'F16');
  for (const [name, bytes] of files) await writeAtomically(join(folder, 'model', name), bytes);
  return score(fileSource(files), data, options);
}

/** Fixed sets of their own seeds. */
async function evaluationData({ side }: Options): Promise<EvaluationData> {
  return {
    heldOut: drawSetInMemory({ seed: 'held out', side, pairs: 480, categories: heldOutCategories }),
    heldOutCategories,
    seen: drawSetInMemory({ seed: 'seen', side, pairs: 320, categories: trainingCategories }),
    seenCategories: trainingCategories,
  };
}

async function score(files: FileSource, data: EvaluationData, { native }: Options): Promise<Evaluation> {
  const open = async (isValuePath: boolean) => {
    if (!native) return loadClip(files);
    const ort = await onnxRuntime(withoutNative);
    return loadClip(files, {
      openImageEncoder: (checkpoint, config) =>
        createOnnxImageEncoder(ort, checkpoint, config, pathOptions(config.vision.layers, isValuePath)),
    });
  };
  const clips = [await open(false), await open(true)];
  try {
    return await evaluate(clips[0], data, clips[1]);
  } finally {
    for (const clip of clips) await clip.dispose();
  }
}

function summary({
  mean,
  worstImageAuroc,
  photographs,
  renderings,
  colourAccuracy,
  categoryAccuracy,
}: Evaluation): string {
  return [
    `I ${mean.imageAuroc.toFixed(3)} (worst ${worstImageAuroc.toFixed(3)}, photographs ${photographs.toFixed(3)}, renderings ${renderings.toFixed(3)})`,
    `P ${mean.pixelAuroc.toFixed(3)} value-value ${mean.pixelAurocValueValue.toFixed(3)} AP ${mean.pixelAveragePrecision.toFixed(3)}`,
    `colour ${colourAccuracy.toFixed(2)} category ${categoryAccuracy.toFixed(2)}`,
  ].join(', ');
}

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  reportError(error);
}
