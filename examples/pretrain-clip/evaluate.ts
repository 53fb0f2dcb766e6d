import {
  type Clip,
  type EncodeImagesOptions,
  encodePromptEnsemble,
  type PromptEnsemble,
  promptStates,
  promptTemplates,
} from '@anomclip/core/clip';
import { createImage, type Image } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import { normalise, resize } from '@anomclip/core/tensor';
import { auroc, averagePrecision } from '@anomclip/metrics';
import * as tf from '@tensorflow/tfjs';
import { drawCaption } from './captions.js';
import { colourNames } from './drawing/materials.js';
import { VALUE_ATTENTION_FROM } from './losses.js';
import type { PairStore } from './pair-store.js';

/** What a model is scored on. */
export interface EvaluationData {
  /** Pairs of categories that training has not seen, in turn: pair i shows category i modulo their number. */
  readonly heldOut: PairStore;
  readonly heldOutCategories: readonly string[];
  /** Fresh pairs of the training's categories, in the same order. */
  readonly seen: PairStore;
  readonly seenCategories: readonly string[];
}

/** Zero-shot scores of one category. */
interface CategoryScores {
  readonly imageAuroc: number;
  readonly pixelAuroc: number;
  readonly pixelAurocValueValue: number;
  readonly pixelAveragePrecision: number;
}

export interface Evaluation {
  /** Means over the unseen categories, with the ensemble of prompts about an "object". */
  readonly mean: CategoryScores;
  readonly perCategory: Readonly<Record<string, CategoryScores>>;
  /** The lowest image AUROC of a category. */
  readonly worstImageAuroc: number;
  /** Mean image AUROC by other prompts. */
  readonly prompts: {
    readonly single: number;
    readonly categoryEnsemble: number;
    readonly normalAnomalous: number;
  };
  /** Image AUROC on photographs, and on renderings. */
  readonly photographs: number;
  readonly renderings: number;
  /** Image AUROC of the images with each kind of defect against all normal ones. */
  readonly perDefect: Readonly<Record<string, number>>;
  /** Image AUROC on fresh images of the training's categories. */
  readonly seenImageAuroc: number;
  /** Shares of right answers: 12 colours of unseen photographs, categories of the training, one caption among 60. */
  readonly colourAccuracy: number;
  readonly categoryAccuracy: number;
  readonly captionAccuracy: number;
}

/** WinCLIP's ensemble, which CLIP-FSAC++ and CLIP3D-AD use too. */
const ensemble: PromptEnsemble = { templates: promptTemplates.paired22, states: promptStates };
const single: PromptEnsemble = {
  templates: ['a photo of a {}'],
  states: { normal: ['flawless {}'], anomalous: ['damaged {}'] },
};
const normalAnomalous: PromptEnsemble = {
  templates: ['{}'],
  states: { normal: ['normal {}'], anomalous: ['anomalous {}'] },
};

/**
 * Zero-shot scores of a CLIP: every image is scored alone, by cosine with the anomalous minus with the normal prompts.
 *
 * @param valueClip - The same model, if a vision tower of its own computes the value-value path.
 */
export async function evaluate(
  clip: Clip,
  data: EvaluationData,
  valueClip: Clip = clip,
): Promise<Evaluation> {
  const { heldOut, heldOutCategories, seen, seenCategories } = data;
  const unseenFeatures = await encodePairs(clip, valueClip, heldOut);
  const seenFeatures = await encodePairs(clip, valueClip, seen);
  try {
    const direction = await directionOf(clip, ensemble, 'object');
    const perCategory = await scoreCategories(unseenFeatures, direction, data);
    const imageScores = await unseenFeatures.imageScores(direction);
    const means = meanScores(Object.values(perCategory));
    const by = (isWanted: (pair: number) => boolean) =>
      meanOver(heldOutCategories, (_, c) =>
        imageAuroc(imageScores, pairsOf(heldOut, c, heldOutCategories.length).filter(isWanted)),
      );
    const withPrompts = async (prompts: PromptEnsemble, useCategory: boolean) => {
      const aurocs: number[] = [];
      for (const [c, category] of heldOutCategories.entries()) {
        const scores = await unseenFeatures.imageScores(
          await directionOf(clip, prompts, useCategory ? category : 'object'),
        );
        aurocs.push(imageAuroc(scores, pairsOf(heldOut, c, heldOutCategories.length)));
      }
      return mean(aurocs);
    };
    return {
      mean: means,
      perCategory,
      worstImageAuroc: Math.min(...Object.values(perCategory).map((scores) => scores.imageAuroc)),
      prompts: {
        single: await withPrompts(single, false),
        categoryEnsemble: await withPrompts(ensemble, true),
        normalAnomalous: await withPrompts(normalAnomalous, false),
      },
      photographs: by((pair) => !heldOut.describe(pair).isRendering),
      renderings: by((pair) => heldOut.describe(pair).isRendering),
      perDefect: aurocPerDefect(imageScores, heldOut),
      seenImageAuroc: await seenAuroc(seenFeatures, direction, seen, seenCategories.length),
      colourAccuracy: await colourAccuracy(clip, unseenFeatures, heldOut),
      categoryAccuracy: await categoryAccuracy(clip, seenFeatures, seen, seenCategories),
      captionAccuracy: await captionAccuracy(clip, seenFeatures, seen),
    };
  } finally {
    unseenFeatures.dispose();
    seenFeatures.dispose();
  }
}

/** Unit features of all images of a set: the normal ones, then the anomalous ones. */
class PairFeatures {
  constructor(
    readonly pairs: number,
    private readonly images: tf.Tensor2D,
    private readonly patches: tf.Tensor3D,
    private readonly valuePatches: tf.Tensor3D,
  ) {}

  /** @param direction - [D], from the normal to the anomalous text. */
  imageScores(direction: Float32Array): Promise<Float32Array> {
    return read(() => tf.matMul(this.images, tf.tensor2d(direction, [direction.length, 1])));
  }

  /** Maps of some images, bilinearly enlarged to `side`, one after the other. */
  maps(
    path: 'patches' | 'valuePatches',
    direction: Float32Array,
    images: readonly number[],
    side: number,
  ): Promise<Float32Array> {
    return read(() => {
      const patches = tf.gather(this[path], [...images]);
      const [count, places, width] = patches.shape;
      const rows = tf.reshape(patches, [count * places, width]) as tf.Tensor2D;
      const scores = tf.matMul(rows, tf.tensor2d(direction, [width, 1]));
      const perSide = Math.sqrt(places);
      return resize(tf.reshape(scores, [count, perSide, perSide, 1]), side, side);
    });
  }

  /** Cosines of some images with texts, [images, texts]. */
  async cosines(images: readonly number[], texts: tf.Tensor2D): Promise<number[][]> {
    const cosines = tf.tidy(
      () => tf.matMul(tf.gather(this.images, [...images]), normalise(texts), false, true) as tf.Tensor2D,
    );
    try {
      return await cosines.array();
    } finally {
      cosines.dispose();
    }
  }

  dispose(): void {
    tf.dispose([this.images, this.patches, this.valuePatches]);
  }
}

const IMAGES_PER_RUN = 60;

async function encodePairs(clip: Clip, valueClip: Clip, store: PairStore): Promise<PairFeatures> {
  const last = clip.config.vision.layers;
  const parts: { image: tf.Tensor2D; patches: tf.Tensor3D; valuePatches: tf.Tensor3D }[] = [];
  for (let first = 0; first < 2 * store.count; first += IMAGES_PER_RUN) {
    const count = Math.min(IMAGES_PER_RUN, 2 * store.count - first);
    const pictures = Array.from({ length: count }, (_, i) => pictureOf(store, first + i));
    const plain = await clip.encodeImages(pictures, pathOptions(last, false));
    const values = await valueClip.encodeImages(pictures, pathOptions(last, true));
    const [patches, valuePatches] = [plain, values].map((features) => [...features.patches.values()][0]);
    parts.push(
      tf.tidy(() => ({
        image: normalise(plain.image),
        patches: normalise(patches),
        valuePatches: normalise(valuePatches),
      })),
    );
    tf.dispose([plain.image, values.image, patches, valuePatches]);
  }
  const joined = tf.tidy(() => ({
    image: tf.concat(parts.map(({ image }) => image)),
    patches: tf.concat(parts.map(({ patches }) => patches)),
    valuePatches: tf.concat(parts.map(({ valuePatches }) => valuePatches)),
  }));
  tf.dispose(parts);
  return new PairFeatures(store.count, joined.image, joined.patches, joined.valuePatches);
}

/** Which features of the vision tower are scored: the last block's patches of one of the two paths. */
export function pathOptions(lastLayer: number, isValuePath: boolean): EncodeImagesOptions {
  const options = { layers: [lastLayer], projectPatches: true };
  return isValuePath ? { ...options, valueAttentionFrom: VALUE_ATTENTION_FROM } : options;
}

function pictureOf(store: PairStore, index: number): Image {
  const picture = createImage(store.side, store.side);
  const isNormal = index < store.count;
  picture.data.set(isNormal ? store.normal(index) : store.anomalous(index - store.count));
  return picture;
}

/** [D], mean embedding of the anomalous prompts minus that of the normal ones, both of unit length. */
function directionOf(clip: Clip, prompts: PromptEnsemble, name: string): Promise<Float32Array> {
  return read(() => {
    const classes = encodePromptEnsemble(clip, prompts, name);
    return tf.sub(tf.slice(classes, [1, 0], [1, -1]), tf.slice(classes, [0, 0], [1, -1]));
  });
}

async function scoreCategories(
  features: PairFeatures,
  direction: Float32Array,
  { heldOut, heldOutCategories }: EvaluationData,
): Promise<Record<string, CategoryScores>> {
  const imageScores = await features.imageScores(direction);
  const result: Record<string, CategoryScores> = {};
  for (const [c, category] of heldOutCategories.entries()) {
    const pairs = pairsOf(heldOut, c, heldOutCategories.length);
    const images = [...pairs, ...pairs.map((pair) => pair + heldOut.count)];
    const size = heldOut.side * heldOut.side;
    const labels = new Uint8Array(images.length * size);
    for (const [i, pair] of pairs.entries()) labels.set(heldOut.mask(pair), (pairs.length + i) * size);
    const maps = await features.maps('patches', direction, images, heldOut.side);
    const valueMaps = await features.maps('valuePatches', direction, images, heldOut.side);
    result[category] = {
      imageAuroc: imageAuroc(imageScores, pairs),
      pixelAuroc: auroc(maps, labels),
      pixelAurocValueValue: auroc(valueMaps, labels),
      pixelAveragePrecision: averagePrecision(maps, labels),
    };
  }
  return result;
}

function pairsOf({ count }: PairStore, category: number, categories: number): number[] {
  const pairs: number[] = [];
  for (let pair = category; pair < count; pair += categories) pairs.push(pair);
  return pairs;
}

/** @param scores - Of normal images, then of anomalous ones. */
function imageAuroc(scores: Float32Array, pairs: readonly number[]): number {
  const half = scores.length / 2;
  const chosen = [...pairs.map((pair) => scores[pair]), ...pairs.map((pair) => scores[half + pair])];
  return auroc(
    Float32Array.from(chosen),
    Uint8Array.from(chosen, (_, i) => (i < pairs.length ? 0 : 1)),
  );
}

function aurocPerDefect(scores: Float32Array, store: PairStore): Record<string, number> {
  const normal = [...scores.subarray(0, store.count)];
  const byDefect = new Map<string, number[]>();
  for (let pair = 0; pair < store.count; pair++) {
    const { defect } = store.describe(pair);
    byDefect.set(defect, [...(byDefect.get(defect) ?? []), scores[store.count + pair]]);
  }
  return Object.fromEntries(
    [...byDefect]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([defect, anomalous]) => {
        const labels = [...normal.map(() => 0), ...anomalous.map(() => 1)];
        return [defect, auroc(Float32Array.from([...normal, ...anomalous]), Uint8Array.from(labels))];
      }),
  );
}

async function seenAuroc(
  features: PairFeatures,
  direction: Float32Array,
  store: PairStore,
  categories: number,
): Promise<number> {
  const scores = await features.imageScores(direction);
  const aurocs = Array.from({ length: categories }, (_, c) =>
    imageAuroc(scores, pairsOf(store, c, categories)),
  );
  return mean(aurocs.filter(Number.isFinite));
}

async function colourAccuracy(clip: Clip, features: PairFeatures, store: PairStore): Promise<number> {
  const photographs = pairsOf(store, 0, 1).filter((pair) => !store.describe(pair).isRendering);
  const texts = colourNames.map((colour) => `a photo of a ${colour} object`);
  const answers = photographs.map((pair) => colourNames.indexOf(store.describe(pair).colour ?? ''));
  return accuracy(clip, features, photographs, texts, answers);
}

async function categoryAccuracy(
  clip: Clip,
  features: PairFeatures,
  store: PairStore,
  categories: readonly string[],
): Promise<number> {
  const images = pairsOf(store, 0, 1);
  const texts = categories.map((category) => `a photo of a ${category}`);
  const answers = images.map((pair) => categories.indexOf(store.describe(pair).category));
  return accuracy(clip, features, images, texts, answers);
}

/** A caption each for the first 60 images, which find theirs among them. */
async function captionAccuracy(clip: Clip, features: PairFeatures, store: PairStore): Promise<number> {
  const images = pairsOf(store, 0, 1).slice(0, 60);
  const rng = createRng('pretrain-clip: retrieval');
  const texts = images.map((pair) => drawCaption(store.describe(pair), false, rng.fork(pair)).own);
  return accuracy(
    clip,
    features,
    images,
    texts,
    texts.map((text) => texts.indexOf(text)),
  );
}

async function accuracy(
  clip: Clip,
  features: PairFeatures,
  images: readonly number[],
  texts: readonly string[],
  answers: readonly number[],
): Promise<number> {
  const embeddings = clip.encodeText(texts);
  try {
    const cosines = await features.cosines(images, embeddings);
    const right = cosines.filter((row, i) => row.indexOf(Math.max(...row)) === answers[i]);
    return right.length / images.length;
  } finally {
    embeddings.dispose();
  }
}

function meanScores(all: readonly CategoryScores[]): CategoryScores {
  const of = (name: keyof CategoryScores) => mean(all.map((scores) => scores[name]));
  return {
    imageAuroc: of('imageAuroc'),
    pixelAuroc: of('pixelAuroc'),
    pixelAurocValueValue: of('pixelAurocValueValue'),
    pixelAveragePrecision: of('pixelAveragePrecision'),
  };
}

function meanOver<T>(items: readonly T[], value: (item: T, index: number) => number): number {
  return mean(items.map(value));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function read(compute: () => tf.Tensor): Promise<Float32Array> {
  const result = tf.tidy(compute);
  try {
    return await result.data<'float32'>();
  } finally {
    result.dispose();
  }
}
