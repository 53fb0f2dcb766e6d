import { existsSync, statSync } from 'node:fs';
import { setUpBackend } from '@anomclip/core/backend';
import { type Clip, loadClip, promptStates, promptTemplates } from '@anomclip/core/clip';
import { compiledGradients } from '@anomclip/core/compiled';
import { openFolder } from '@anomclip/core/node';
import { createRng } from '@anomclip/core/random';
import type { ModelState, TrainingOptions, TrainingProgress } from '@anomclip/core/training';
import { objectCategories } from '@anomclip/synth/objects';
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BatchMaker, CAPTION_LENGTH } from '../examples/pretrain-clip/batches.js';
import { drawCaption, drawGenericCaption } from '../examples/pretrain-clip/captions.js';
import { drawSetInMemory } from '../examples/pretrain-clip/draw-set.js';
import { drawShard, PAIRS_PER_SHARD } from '../examples/pretrain-clip/draw-shard.js';
import {
  heldOutCategories,
  shapeOf,
  trainingCategories,
} from '../examples/pretrain-clip/drawing/categories.js';
import { drawPair } from '../examples/pretrain-clip/drawing/draw-pair.js';
import { createRaster, drawRows, lightSurface } from '../examples/pretrain-clip/drawing/render.js';
import { drawScene } from '../examples/pretrain-clip/drawing/scene.js';
import { buildSurface } from '../examples/pretrain-clip/drawing/surface.js';
import { leadingEigenpairs } from '../examples/pretrain-clip/eigenpairs.js';
import { evaluate } from '../examples/pretrain-clip/evaluate.js';
import { modelConfig } from '../examples/pretrain-clip/model-config.js';
import {
  AVERAGE_PREFIX,
  averagedWeights,
  fileSource,
  modelFiles,
} from '../examples/pretrain-clip/model-files.js';
import { pretrain } from '../examples/pretrain-clip/pretrain.js';
import { createVocabulary, tokenizerOf } from '../examples/pretrain-clip/vocabulary.js';

const side = 64;
const size = { side, width: 32, layers: 2 };

beforeAll(async () => {
  await setUpBackend('wasm');
});

describe('drawing', () => {
  const pairs = trainingCategories.map((category, i) => drawPair(category, createRng(i), { side }));

  test('no category is one of the offline benchmark, and none is both trained on and held out', () => {
    const benchmark = objectCategories.map((name) => name.replaceAll('_', ' '));
    expect(trainingCategories.length).toBeGreaterThanOrEqual(30);
    expect(trainingCategories.filter((category) => benchmark.includes(category))).toEqual([]);
    expect(heldOutCategories.filter((category) => trainingCategories.includes(category))).toEqual([]);
  });

  test('the same seed draws the same pair, alone and in a shard', () => {
    const set = { seed: 'test', side, pairs: PAIRS_PER_SHARD + 2, categories: ['gear', 'drop'] };
    const second = drawShard(set, 1);
    const stream = createRng('pretrain-clip: test').fork('pair', PAIRS_PER_SHARD + 1);
    const alone = drawPair('drop', stream, { side });
    const pixels = second.get('anomalous')?.data as Uint8Array;
    expect(pixels.subarray(alone.anomalous.length)).toEqual(alone.anomalous);
  });

  test('the pictures of a pair differ by more than noise within the mask, and by no more far from it', () => {
    for (const { category, normal, anomalous, mask } of pairs) {
      const [inside, outside] = [true, false].map((isInside) => {
        const changes = [...mask.keys()]
          .filter((pixel) => (isInside ? mask[pixel] === 1 : distanceToMask(mask, pixel) > 8))
          .flatMap((pixel) =>
            [0, 1, 2].map((c) => Math.abs(anomalous[3 * pixel + c] - normal[3 * pixel + c])),
          );
        return changes.reduce((sum, change) => sum + change, 0) / changes.length;
      });
      expect(inside, category).toBeGreaterThan(outside + 3);
      expect(outside, category).toBeLessThan(6); // noise of up to 3 and 5 grey levels in each
    }
  });

  test('the outline of a tilted rendering is as smooth as the object', () => {
    const scene = { ...drawScene(createRng('outline'), 1), tilt: 0.8, roughness: 0, waviness: 0 };
    const surface = buildSurface(shapeOf('disc'), scene, 2 * side, createRng('outline'));
    const lit = new Float32Array(surface.albedo.length);
    lightSurface(surface, scene, lit);
    const raster = createRaster(scene, 2 * side);
    drawRows(surface, lit, scene, undefined, raster);
    const ends = Array.from({ length: 2 * side }, (_, row) => {
      const depths = raster.depth.subarray(2 * side * row, 2 * side * (row + 1));
      const first = depths.findIndex((depth) => depth > Number.NEGATIVE_INFINITY);
      return first < 0 ? [] : [[first, depths.findLastIndex((depth) => depth > Number.NEGATIVE_INFINITY)]];
    }).flat();
    expect(ends.length).toBeGreaterThan(side);
    // Top and bottom left out, where an ellipse turns fast.
    for (let row = 12; row < ends.length - 12; row++) {
      for (const end of [0, 1]) {
        const bend = ends[row - 1][end] - 2 * ends[row][end] + ends[row + 1][end];
        expect(Math.abs(bend), `row ${row}`).toBeLessThanOrEqual(2);
      }
    }
  });

  test('what is damaged covers 0.25 to 9 percent of the object', () => {
    for (const { area, mask } of pairs) {
      expect(area).toBeGreaterThanOrEqual(0.0025);
      expect(area).toBeLessThanOrEqual(0.09);
      expect(mask).toContain(1);
    }
  });
});

describe('captions', () => {
  const vocabulary = createVocabulary();
  const tokenizer = tokenizerOf(vocabulary);
  const words = (text: string) => text.replace(/[{}.]/g, ' ').split(' ').filter(Boolean);
  const captions = Array.from({ length: 2000 }, (_, i) => {
    const rng = createRng(`caption ${i}`);
    const category = trainingCategories[i % trainingCategories.length];
    const photograph = { isRendering: false, colour: 'red', material: 'metal' };
    const rendering = { isRendering: true, material: 'rough' };
    const look = i % 2 === 0 ? photograph : rendering;
    return i % 10 === 9
      ? drawGenericCaption(rng)
      : drawCaption({ category, defect: 'hole', ...look }, i % 3 === 0, rng);
  });

  test('consist of words that the vocabulary has', () => {
    const known = vocabulary.vocabulary;
    const all = new Set(captions.flatMap(({ own, flipped }) => words(`${own} ${flipped}`)));
    expect([...all].filter((word) => known[word] === undefined)).toEqual([]);
  });

  test('and so do the prompts of the methods', () => {
    const prompts = [
      ...[...promptTemplates.paired22, ...promptStates.normal, ...promptStates.anomalous],
      ...['a photo of a normal', 'a photo of an anomalous', 'point cloud of a big', 'with anomaly', 'object'],
    ];
    const unknown = prompts.flatMap(words).filter((word) => vocabulary.vocabulary[word] === undefined);
    expect([...new Set(unknown)].filter((word) => word !== '*')).toEqual([]);
  });

  test('change their state alone when they are flipped', () => {
    const states =
      /\b(flawless|perfect|intact|unblemished|normal|undamaged|good|damaged|broken|defective|anomalous|bad|faulty|without a?|with a?|an?)\b/g;
    for (const { own, flipped } of captions) {
      expect(flipped).not.toBe(own);
      const rest = (text: string) => text.replace(states, '').split(' ').filter(Boolean).join(' ');
      expect(rest(flipped)).toBe(rest(own));
    }
  });

  test('fit the text tower, also with a spelled category, nearly always', () => {
    const long = captions.filter(({ own }) => tokenizer.encode([own])[0].length > CAPTION_LENGTH);
    expect(long.length / captions.length).toBeLessThan(0.01);
  });
});

describe('batches', () => {
  const store = drawSetInMemory({ seed: 'test', side, pairs: 8, categories: ['gear', 'drop'] });
  const config = modelConfig(size);
  const maker = new BatchMaker(store, createVocabulary(), config.preprocess, 8);

  test('have targets that sum to 1, one end per caption, and damage in anomalous images only', () => {
    const batch = maker.make(Uint32Array.of(0, 3, 5), createRng(1));
    expect(batch.images.shape).toEqual([6, side, side, 3]);
    expect(batch.tokens.shape.slice(0, 2)).toEqual([14, CAPTION_LENGTH]);
    for (const targets of [batch.captionTargets, batch.imageTargets, batch.ends]) {
      for (const row of targets.arraySync())
        expect(row.reduce((sum, value) => sum + value)).toBeCloseTo(1, 6);
    }
    const damaged = batch.coverage.arraySync().map((row) => Math.max(...row));
    expect(damaged.slice(0, 3)).toEqual([0, 0, 0]);
    for (const most of damaged.slice(3)) expect(most).toBeGreaterThan(0);
    tf.dispose({ ...batch });
  });

  test('turn picture and mask in the same way', () => {
    // Where the mask covers a patch of the anomalous image in full, the two images of the pair differ there.
    const batch = maker.make(Uint32Array.of(1, 2, 4, 6), createRng(2));
    const [images, coverage] = [batch.images.arraySync(), batch.coverage.arraySync()];
    for (let pair = 0; pair < 4; pair++) {
      const changes = coverage[4 + pair].map((_, patch) => {
        const [top, left] = [8 * Math.floor(patch / 8), 8 * (patch % 8)];
        let [sum, count] = [0, 0];
        const differences: number[] = [];
        for (let y = top; y < top + 8; y++) {
          for (let x = left; x < left + 8; x++)
            differences.push(images[4 + pair][y][x][0] - images[pair][y][x][0]);
        }
        const mean = differences.reduce((total, value) => total + value, 0) / 64; // brightness of its own
        for (const value of differences) [sum, count] = [sum + (value - mean) ** 2, count + 1];
        return sum / count;
      });
      const strongest = changes.indexOf(Math.max(...changes));
      expect(coverage[4 + pair][strongest]).toBeGreaterThan(0);
    }
    tf.dispose({ ...batch });
  });
});

test('eigenpairs of a small matrix are those worked out by hand', () => {
  // Eigenvalues of [[2, 1], [1, 2]] are 3 and 1, with (1, 1) and (1, −1); the third axis stands alone with 7.
  const { values, vectors } = leadingEigenpairs(Float64Array.of(2, 1, 0, 1, 2, 0, 0, 0, 7), 3, 2);
  expect([...values].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([7, 3]);
  expect(Math.abs(vectors[2])).toBeCloseTo(1, 9);
  expect(vectors[3] / vectors[4]).toBeCloseTo(1, 9);
});

describe('training', () => {
  const store = drawSetInMemory({
    seed: 'training test',
    side,
    pairs: 24,
    categories: ['gear', 'drop', 'tile'],
  });
  const config = modelConfig(size);

  async function run(options: Partial<TrainingOptions> = {}) {
    const losses: number[] = [];
    const written = new Map<number, Uint8Array>();
    const state = await pretrain(store, config, createRng('test'), {
      ...{ steps: 8, stepsPerPart: 4, batchSize: 8 },
      ...options,
      checkpoints: { everySteps: 4, write: (bytes, steps) => void written.set(steps, bytes) },
      onProgress: (event: TrainingProgress) => void losses.push(event.losses.total),
    });
    return { state, losses, written };
  }

  let whole: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    whole = await run();
  });
  afterAll(() => whole.state.dispose());

  test('the same seed gives the same losses and weights, also when it goes on from a checkpoint', async () => {
    const resumed = await run({ resume: whole.written.get(4) });
    expect(whole.losses).toHaveLength(8);
    expect(resumed.losses).toEqual(whole.losses.slice(4));
    expect(await valuesOf(resumed.state)).toEqual(await valuesOf(whole.state));
    resumed.state.dispose();
  });

  test('compiled gradients give the same losses', async () => {
    const compiled = await run({ gradients: compiledGradients(ort, { threads: 1 }) });
    for (const [step, loss] of whole.losses.entries()) expect(compiled.losses[step]).toBeCloseTo(loss, 2);
    compiled.state.dispose();
  });

  test('what is written is a CLIP that loads, of the averaged weights', async () => {
    const { state } = whole;
    const files = modelFiles(await averagedWeights(state), size, config, 'F16');
    const clip = await loadClip(fileSource(files));
    const embeddings = clip.encodeText(['a photo of a damaged gear', 'a photo of a zebra']);
    expect(embeddings.shape).toEqual([2, 128]);
    const average = state.buffers.get(`${AVERAGE_PREFIX}visual.proj`);
    expect([...((await average?.data()) ?? [])]).not.toEqual([
      ...((await state.parameters.get('visual.proj')?.data()) ?? []),
    ]);
    embeddings.dispose();
    await clip.dispose();
  });
});

const shipped = 'examples/pretrain-clip/model';

describe('the shipped model', () => {
  let clip: Clip;
  beforeAll(async () => {
    clip = await loadClip(await openFolder(shipped));
  });

  test('has at most 4 million parameters in at most 8 MB, and a card', () => {
    expect(statSync(`${shipped}/open_clip_model.safetensors`).size).toBeLessThan(8_000_000);
    expect(existsSync(`${shipped}/README.md`)).toBe(true);
  });

  test('sees damage on categories that it has never seen', async () => {
    const heldOut = {
      seed: 'regression',
      side: clip.config.vision.imageSize,
      pairs: 160,
      categories: heldOutCategories,
    };
    const seen = { ...heldOut, pairs: 80, categories: trainingCategories };
    const { mean, colourAccuracy } = await evaluate(clip, {
      heldOut: drawSetInMemory(heldOut),
      heldOutCategories,
      seen: drawSetInMemory(seen),
      seenCategories: trainingCategories,
    });
    expect(mean.imageAuroc).toBeGreaterThan(0.66);
    expect(mean.pixelAuroc).toBeGreaterThan(0.9);
    expect(mean.pixelAurocValueValue).toBeGreaterThan(0.9);
    expect(mean.pixelAveragePrecision).toBeGreaterThan(0.09);
    expect(colourAccuracy).toBeGreaterThan(0.9);
  });
});

/** In pixels, along rows and columns; at most 9. */
function distanceToMask(mask: Uint8Array, pixel: number): number {
  const [row, column] = [Math.floor(pixel / side), pixel % side];
  for (let reach = 0; reach <= 8; reach++) {
    for (let y = Math.max(0, row - reach); y <= Math.min(side - 1, row + reach); y++) {
      for (let x = Math.max(0, column - reach); x <= Math.min(side - 1, column + reach); x++) {
        if (mask[y * side + x] === 1) return reach;
      }
    }
  }
  return 9;
}

async function valuesOf(state: ModelState): Promise<Map<string, unknown>> {
  return new Map([...(await state.save())].map(([name, { data }]) => [name, data]));
}
