import type { PreprocessConfig, Tokenizer } from '@anomclip/core/clip';
import type { Rng } from '@anomclip/core/random';
import * as tf from '@tensorflow/tfjs';
import { type CaptionPair, drawCaption, drawGenericCaption } from './captions.js';
import type { PretrainBatch } from './losses.js';
import type { PairStore } from './pair-store.js';
import { encodeSpelling, tokenizerOf, type VocabularyFile } from './vocabulary.js';

/** Tokens of a training caption, start and end included: a fixed length, which nearly all captions keep to. */
export const CAPTION_LENGTH = 24;
/** How often a category's name is spelled, so that a name that the model does not know is a sight it knows. */
const SPELLED_SHARE = 0.15;
/** Covered share of a patch from which it counts as damaged in full. */
const FULL_COVERAGE = 0.15;

/** Makes batches of pairs: augmented pictures, captions, targets. */
export class BatchMaker {
  private readonly tokenizer: Tokenizer;

  constructor(
    private readonly store: PairStore,
    private readonly vocabulary: VocabularyFile,
    private readonly preprocess: PreprocessConfig,
    private readonly patchSize: number,
  ) {
    this.tokenizer = tokenizerOf(vocabulary);
  }

  /** @param pairs - Indices into the store. The caller owns the tensors. */
  make(pairs: Uint32Array, rng: Rng): PretrainBatch {
    const count = 2 * pairs.length;
    const captions = this.captions(pairs, rng.fork('captions'));
    return {
      ...this.pictures(pairs, rng.fork('pictures')),
      labels: tf.tensor2d(
        Array.from({ length: count }, (_, i) => (i < pairs.length ? 0 : 1)),
        [count, 1],
      ),
      scoredByOwn: scoredByOwn(count, rng.fork('directions')),
      ...this.tokens(captions),
      ...captionTargets(captions.slice(0, count)),
    };
  }

  private pictures(pairs: Uint32Array, rng: Rng): Pick<PretrainBatch, 'images' | 'coverage'> {
    const { store, patchSize, preprocess } = this;
    const { side } = store;
    const size = side * side * 3;
    const images = new Float32Array(2 * pairs.length * size);
    const patches = (side / patchSize) ** 2;
    const coverage = new Float32Array(2 * pairs.length * patches);
    for (const [j, pair] of pairs.entries()) {
      const stream = rng.fork(j);
      const places = drawPlaces(side, stream);
      for (const [kind, picture] of [store.normal(pair), store.anomalous(pair)].entries()) {
        const look = drawLook(preprocess, stream);
        const at = (kind * pairs.length + j) * size;
        copyPicture(picture, places, look, images.subarray(at, at + size));
      }
      const at = (pairs.length + j) * patches;
      coverPatches(store.mask(pair), places, side, patchSize, coverage.subarray(at, at + patches));
    }
    return {
      images: tf.tensor4d(images, [2 * pairs.length, side, side, 3]),
      coverage: tf.tensor2d(coverage, [2 * pairs.length, patches]),
    };
  }

  /** Captions of the normal images, of the anomalous ones, and the generic ones. */
  private captions(pairs: Uint32Array, rng: Rng): SpelledCaptions[] {
    const own = [false, true].flatMap((isAnomalous) =>
      [...pairs].map((pair, j) => this.caption(pair, isAnomalous, rng.fork(isAnomalous ? 1 : 0, j))),
    );
    return [...own, { ...drawGenericCaption(rng.fork('generic')), spelled: new Set<string>() }];
  }

  /** Draws until it is short enough. */
  private caption(pair: number, isAnomalous: boolean, rng: Rng): SpelledCaptions {
    const described = this.store.describe(pair);
    while (true) {
      const caption = drawCaption(described, isAnomalous, rng);
      const spelled = new Set(rng.boolean(SPELLED_SHARE) ? described.category.split(' ') : []);
      const lengths = [caption.own, caption.flipped].map((text) => this.encode(text, spelled).length);
      if (Math.max(...lengths) <= CAPTION_LENGTH) return { ...caption, spelled };
    }
  }

  private encode(text: string, spelled: ReadonlySet<string>): number[] {
    return encodeSpelling(text, spelled, this.vocabulary, this.tokenizer);
  }

  private tokens(captions: readonly SpelledCaptions[]): Pick<PretrainBatch, 'tokens' | 'ends'> {
    const rows = [
      ...captions.slice(0, -1).map(({ own, spelled }) => this.encode(own, spelled)),
      ...captions.slice(0, -1).map(({ flipped, spelled }) => this.encode(flipped, spelled)),
      ...captions
        .slice(-1)
        .flatMap(({ own, flipped, spelled }) => [this.encode(own, spelled), this.encode(flipped, spelled)]),
    ];
    const entries = this.vocabulary.end + 1;
    const tokens = new Float32Array(rows.length * CAPTION_LENGTH * entries);
    const ends = new Float32Array(rows.length * CAPTION_LENGTH);
    for (const [row, ids] of rows.entries()) {
      for (const [place, id] of ids.entries()) tokens[(row * CAPTION_LENGTH + place) * entries + id] = 1;
      ends[row * CAPTION_LENGTH + ids.length - 1] = 1;
    }
    return {
      tokens: tf.tensor3d(tokens, [rows.length, CAPTION_LENGTH, entries]),
      ends: tf.tensor2d(ends, [rows.length, CAPTION_LENGTH]),
    };
  }
}

interface SpelledCaptions extends CaptionPair {
  /** Words that are spelled. */
  readonly spelled: ReadonlySet<string>;
}

/** Where each pixel of an augmented picture comes from: one of the eight turns and mirrorings, shifted by up to 3 pixels. */
function drawPlaces(side: number, rng: Rng): Uint16Array {
  const [isMirrored, isFlipped, isTransposed] = [rng.boolean(), rng.boolean(), rng.boolean()];
  const [down, right] = [rng.integer(-3, 4), rng.integer(-3, 4)];
  const places = new Uint16Array(side * side);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const y = (row + down + side) % side;
      const x = (column + right + side) % side;
      const [fromRow, fromColumn] = [isFlipped ? side - 1 - y : y, isMirrored ? side - 1 - x : x];
      places[row * side + column] = isTransposed ? fromColumn * side + fromRow : fromRow * side + fromColumn;
    }
  }
  return places;
}

/** Per channel: value · factor + shift, preprocessing, contrast and brightness in one. */
interface Look {
  readonly factor: readonly number[];
  readonly shift: readonly number[];
}

function drawLook({ mean, std }: PreprocessConfig, rng: Rng): Look {
  const [contrast, brightness] = [rng.uniform(0.9, 1.1), rng.uniform(-0.15, 0.15)];
  return {
    factor: std.map((deviation) => contrast / (255 * deviation)),
    shift: std.map((deviation, c) => (-contrast * mean[c]) / deviation + brightness),
  };
}

function copyPicture(
  picture: Uint8Array,
  places: Uint16Array,
  { factor, shift }: Look,
  into: Float32Array,
): void {
  for (let pixel = 0; pixel < places.length; pixel++) {
    const from = 3 * places[pixel];
    for (let c = 0; c < 3; c++) into[3 * pixel + c] = picture[from + c] * factor[c] + shift[c];
  }
}

function coverPatches(
  mask: Uint8Array,
  places: Uint16Array,
  side: number,
  patchSize: number,
  into: Float32Array,
): void {
  const perRow = side / patchSize;
  const share = 1 / (patchSize * patchSize * FULL_COVERAGE);
  for (let pixel = 0; pixel < places.length; pixel++) {
    if (mask[places[pixel]] === 0) continue;
    const [row, column] = [Math.floor(pixel / side), pixel % side];
    into[Math.floor(row / patchSize) * perRow + Math.floor(column / patchSize)] += share;
  }
  for (let i = 0; i < into.length; i++) into[i] = Math.min(1, into[i]);
}

function scoredByOwn(count: number, rng: Rng): tf.Tensor2D {
  return tf.tensor2d(
    Array.from({ length: count }, () => (rng.boolean() ? 1 : 0)),
    [count, 1],
  );
}

/** Captions that read the same are right for each other's images; a flipped caption that is some image's own is no answer. */
function captionTargets(
  captions: readonly SpelledCaptions[],
): Pick<PretrainBatch, 'captionTargets' | 'captionMask' | 'imageTargets'> {
  const count = captions.length;
  const own = captions.map(({ own }) => own);
  const targets = new Float32Array(count * 2 * count);
  const mask = new Float32Array(count * 2 * count);
  const images = new Float32Array(count * count);
  for (let i = 0; i < count; i++) {
    const same = own.flatMap((text, k) => (text === own[i] ? [k] : []));
    for (const k of same) {
      targets[i * 2 * count + k] = 1 / same.length;
      images[i * count + k] = 1 / same.length;
    }
    for (const [k, { flipped }] of captions.entries()) {
      if (own.includes(flipped)) mask[i * 2 * count + count + k] = -1e9;
    }
  }
  return {
    captionTargets: tf.tensor2d(targets, [count, 2 * count]),
    captionMask: tf.tensor2d(mask, [count, 2 * count]),
    imageTargets: tf.tensor2d(images, [count, count]),
  };
}
