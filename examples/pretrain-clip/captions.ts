import type { Rng } from '@anomclip/core/random';
import { defectKinds } from './drawing/defects.js';
import type { Pair } from './drawing/draw-pair.js';
import { pick } from './drawing/scene.js';

/** What a caption can say about a picture. */
export type Described = Pick<Pair, 'category' | 'isRendering' | 'colour' | 'material' | 'defect'>;

/** A caption of a picture, and the same sentence with the other state. */
export interface CaptionPair {
  readonly own: string;
  readonly flipped: string;
}

const stateWords = {
  normal: ['flawless', 'perfect', 'intact', 'unblemished', 'normal', 'undamaged', 'good'],
  anomalous: ['damaged', 'broken', 'defective', 'anomalous', 'bad', 'faulty'],
} as const;
const stateNouns = ['defect', 'flaw', 'damage', 'anomaly'];
const qualities = ['cropped', 'bright', 'dark', 'blurry', 'good', 'close-up', 'jpeg corrupted'];
const views = {
  any: ['photo', 'image', 'picture', 'view'],
  rendering: ['rendering', 'grey rendering', 'depth rendering', 'view'],
  photograph: ['photo', 'color photo', 'close-up photo', 'picture'],
};
const sizes = ['small', 'large', 'big'];
const purposes = ['for visual inspection', 'for anomaly detection'];

/** Every word of the captions but the categories', colours' and materials'. */
export const grammarWords: readonly string[] = [
  ...['a', 'an', 'the', 'of', 'with', 'without', 'object', 'part', 'smooth', 'rough', 'point', 'cloud'],
  ...[qualities, Object.values(views).flat(), sizes, purposes, Object.values(stateWords).flat(), stateNouns]
    .flat()
    .flatMap((text) => text.split(' ')),
  ...defectKinds,
];

/**
 * `a {quality} {view} of {a|the} {size} {state} {colour} {material} {object} {suffix} {purpose}`, most slots empty most of the
 * time; now and then the object alone, as prompts of the methods have it. The state is a word, or `with`, `without` and what
 * is or is not wrong.
 *
 * @param isAnomalous - Of the picture.
 */
export function drawCaption(described: Described, isAnomalous: boolean, rng: Rng): CaptionPair {
  const { before, after } = drawOpening(described, rng);
  const article = rng.boolean() ? 'a' : 'the';
  const size = rng.boolean(0.1) ? pick(rng, sizes) : '';
  const state = drawState(described.defect, rng);
  const colour = described.colour && rng.boolean(0.6) ? described.colour : '';
  const material = rng.boolean() ? described.material : '';
  const object = rng.boolean(0.15) ? 'object' : described.category;
  const sentence = ({ word, suffix }: State) =>
    joined([
      before,
      before && articleFor(article, size || word || colour || material || object),
      size,
      word,
      colour,
      material,
      object,
      suffix,
      after,
    ]);
  const [own, flipped] = isAnomalous ? [state.anomalous, state.normal] : [state.normal, state.anomalous];
  return { own: sentence(own), flipped: sentence(flipped) };
}

/** `a photo of a {state word} object` or with a suffix: own is the normal one. */
export function drawGenericCaption(rng: Rng): CaptionPair {
  const view = pick(rng, ['photo', 'photo', 'image', 'picture', 'view', 'rendering']);
  const article = rng.boolean() ? 'a' : 'the';
  const state = drawWordOrNoun(rng, 0.7);
  const sentence = ({ word, suffix }: State) =>
    joined(['a', view, 'of', articleFor(article, word || 'object'), word, 'object', suffix]);
  return { own: sentence(state.normal), flipped: sentence(state.anomalous) };
}

interface State {
  readonly word: string;
  readonly suffix: string;
}

interface StatePair {
  readonly normal: State;
  readonly anomalous: State;
}

function drawState(defect: string, rng: Rng): StatePair {
  const state = drawWordOrNoun(rng, 0.65);
  if (!rng.boolean(0.3)) return state;
  return {
    normal: { ...state.normal, suffix: `without a ${defect}` },
    anomalous: { ...state.anomalous, suffix: `with a ${defect}` },
  };
}

function drawWordOrNoun(rng: Rng, wordShare: number): StatePair {
  if (rng.boolean(wordShare)) {
    // An object of which nothing is said is taken to be as it should be.
    const normal = rng.boolean(0.08) ? '' : pick(rng, stateWords.normal);
    return {
      normal: { word: normal, suffix: '' },
      anomalous: { word: pick(rng, stateWords.anomalous), suffix: '' },
    };
  }
  const noun = pick(rng, stateNouns);
  return {
    normal: { word: '', suffix: `without ${noun}` },
    anomalous: { word: '', suffix: `with ${noun}` },
  };
}

function drawOpening({ isRendering }: Described, rng: Rng): { before: string; after: string } {
  if (rng.boolean(0.12)) return { before: '', after: '' };
  const quality = rng.boolean(4 / 9) ? '' : pick(rng, qualities);
  const own = isRendering ? views.rendering : views.photograph;
  const view = pick(rng, rng.boolean(0.3) ? views.any : own);
  return {
    before: joined([rng.boolean(0.9) ? 'a' : 'the', quality, view, 'of']),
    after: rng.boolean(0.1) ? pick(rng, purposes) : '',
  };
}

function articleFor(article: string, next: string): string {
  return article === 'a' && /^[aeiou]/.test(next) ? 'an' : article;
}

function joined(words: readonly string[]): string {
  return words.filter(Boolean).join(' ');
}
