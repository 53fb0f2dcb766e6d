import { ArgumentError, ShapeError } from '@anomclip/core';
import { type AnomalyMap, createMask, type Image } from '@anomclip/core/image';
import type { Rng } from '@anomclip/core/random';
import { type BackgroundBrightness, contrastMask } from './foreground-from-rgb.js';
import { nsaLabels } from './nsa-labels.js';
import { type ObjectMasks, type PatchSettings, pastePatch } from './nsa-patch.js';
import { copyPixels, type Pixels, type SyntheticImage, toImage } from './synthetic-image.js';
import { resizedPixels } from './texture-source.js';

export type NsaMode = 'normal' | 'mixed' | 'mix' | 'swap' | 'uniform';
export type NsaLabelMode = 'binary' | 'continuous' | 'intensity' | 'logistic-intensity';

/** Defaults are those of CLIP-FSAC++ on VisA; `nsaSettings` has the others. */
export interface NsaOptions {
  /** Where patches are cut from, of the image's size: another normal image. @defaultValue the image itself */
  source?: Image;
  /** Smallest and largest half height and half width, as shares of the image. @defaultValue [[0.03, 0.4], [0.03, 0.4]] */
  widthBounds?: readonly [rows: readonly [number, number], columns: readonly [number, number]];
  /** Most patches: the first always, every other with probability ½. @defaultValue 2 */
  numPatches?: number;
  /**
   * Half sizes are (offset + Gamma(shape, scale)) of the image's side, within the bounds; `null` draws them uniformly.
   * @defaultValue [2, 0.05, 0.03]
   */
  gammaParams?: readonly [shape: number, scale: number, offset: number] | null;
  /** Whether patches are rescaled by a factor around 1. @defaultValue true */
  resize?: boolean;
  /** Bounds of that factor. @defaultValue [0.5, 2] */
  resizeBounds?: readonly [low: number, high: number];
  /** Whether a patch goes to another place than it came from; without `shift` nothing is resized. @defaultValue true */
  shift?: boolean;
  /** Poisson blending, `mix` of both by a coin per call, or `swap` and `uniform`: pasting with and without weight. @defaultValue 'normal' */
  mode?: NsaMode;
  /** Brightness of the background: patches are cut from the object and pasted onto it. @defaultValue none */
  background?: readonly BackgroundBrightness[];
  /** With a background, least share of object in a patch. @defaultValue 0 */
  minObjectPct?: number;
  /** With a background, least share of a patch's object that falls on the object. @defaultValue 0.25 */
  minOverlapPct?: number;
  /** What `labels()` returns; `continuous` also weighs the source by a number drawn from [0.05, 0.95). @defaultValue 'logistic-intensity' */
  labelMode?: NsaLabelMode;
  /** Steepness and middle of logistic labels. @defaultValue [1/12, 24] */
  logisticParams?: readonly [k: number, x0: number];
  /** Change in grey levels that makes a label, ≥ 0. @defaultValue 1 */
  tol?: number;
  /** Patches made of this many ellipses instead of a rectangle. @defaultValue 0 */
  numEllipses?: number;
  /** Patch sizes of CutPaste (square images): one patch, not resized, without background. @defaultValue false */
  cutpaste?: boolean;
  /** The shorter side that the image is resized to first; large patches cost less then. @defaultValue 'native' */
  resolution?: 'native' | number;
  /** How often the whole call is repeated when nothing could be placed or seen. 0 is the reference's behaviour. @defaultValue 10 */
  retries?: number;
}

/** An image with blended patches. `mask` is where it differs from the normal one. */
export interface NsaImage extends SyntheticImage {
  /** [H, W], training targets in [0, 1] (grey levels for `intensity`), computed when asked for. */
  labels(): AnomalyMap;
}

/**
 * Natural synthetic anomalies (Schlüter et al. 2022): patches of a normal image are rescaled and blended into
 * another place with Poisson editing.
 *
 * @param image - [H, W, 3]; the result has its size unless `resolution` says otherwise.
 * @returns `ok` is false, with the image unchanged, when all attempts failed: no place has enough object, the image has
 *   no room for a patch of 50 pixels, or what was blended equals what was there.
 * @throws {@link ShapeError} for an empty image, a source of another size, or `cutpaste` with an image that is not
 *   square; {@link ArgumentError} for an option out of range.
 */
export function nsa(image: Image, rng: Rng, options: NsaOptions = {}): NsaImage {
  const settings = withDefaults(options);
  const original = copyPixels('nsa', image);
  const source = settings.source ? copyPixels('nsa source', settings.source) : original;
  if (source.height !== original.height || source.width !== original.width) {
    throw new ShapeError('nsa', `a source of the image's size [${image.shape.join(', ')}]`, [
      source.height,
      source.width,
      3,
    ]);
  }
  if (settings.cutpaste && original.height !== original.width) {
    throw new ShapeError('nsa', 'a square image for cutpaste', image.shape);
  }
  const destination = atResolution(original, settings.resolution);
  const patchSource = settings.source ? atResolution(source, settings.resolution) : destination;
  const objects = objectMasks(patchSource, destination, settings.background);

  for (let attempt = 0; ; attempt++) {
    const draft = compose(destination, patchSource, objects, rng, settings);
    const mask = createMask(destination.height, destination.width);
    const ok = markChanges(destination, draft.result, mask.data);
    if (!ok && attempt < settings.retries) continue;
    const labels = () => nsaLabels({ before: destination, after: draft.result, ...draft, ...settings });
    // The labels must not change with the image that the caller now owns.
    const result = { ...draft.result, data: draft.result.data.slice() };
    return { image: toImage(result), mask, ok, labels };
  }
}

type Settings = ReturnType<typeof withDefaults>;

function withDefaults(options: NsaOptions) {
  const {
    source,
    widthBounds = [
      [0.03, 0.4],
      [0.03, 0.4],
    ],
    numPatches = 2,
    gammaParams = [2, 0.05, 0.03],
    resize = true,
    resizeBounds = [0.5, 2],
    shift = true,
    mode = 'normal',
    background = [],
    minObjectPct = 0,
    minOverlapPct = 0.25,
    labelMode = 'logistic-intensity',
    logisticParams = [1 / 12, 24],
    tol = 1,
    numEllipses = 0,
    cutpaste = false,
    resolution = 'native',
    retries = 10,
  } = options;
  assertChoice('mode', ['normal', 'mixed', 'mix', 'swap', 'uniform'], mode);
  assertChoice('labelMode', ['binary', 'continuous', 'intensity', 'logistic-intensity'], labelMode);
  for (const [low, high] of widthBounds) assertRange('widthBounds', low, high, 0, 0.5);
  assertRange('resizeBounds', resizeBounds[0], resizeBounds[1], 1e-3, 1e3);
  assertWhole('numPatches', numPatches, 1);
  assertWhole('numEllipses', numEllipses, 0);
  assertWhole('retries', retries, 0);
  if (resolution !== 'native') assertWhole('resolution', resolution, 1);
  for (const [name, value] of Object.entries({ minObjectPct, minOverlapPct })) {
    if (!(value >= 0 && value < 1)) throw new ArgumentError('nsa', `${name} in [0, 1)`, value);
  }
  for (const value of [...logisticParams, ...(gammaParams ?? [])]) {
    if (!Number.isFinite(value))
      throw new ArgumentError('nsa', 'finite logisticParams and gammaParams', value);
  }
  if (!(tol >= 0 && tol < Number.POSITIVE_INFINITY)) throw new ArgumentError('nsa', 'a finite tol ≥ 0', tol);
  return {
    source,
    widthBounds,
    numPatches: cutpaste ? 1 : numPatches,
    gammaParams,
    // A patch that stays where it was has to keep its size.
    resize: resize && shift && !cutpaste,
    resizeBounds,
    shift,
    mode,
    background: cutpaste ? [] : background,
    minObjectPct,
    minOverlapPct,
    labelMode,
    logisticParams,
    tol,
    numEllipses: cutpaste ? 0 : numEllipses,
    cutpaste,
    resolution,
    retries,
  };
}

function assertChoice(name: string, choices: readonly string[], value: string): void {
  if (!choices.includes(value))
    throw new ArgumentError('nsa', `${name}, one of ${choices.join(', ')}`, value);
}

function assertRange(name: string, low: number, high: number, least: number, most: number): void {
  if (low >= least && high >= low && high <= most) return;
  throw new ArgumentError('nsa', `${name} with ${least} ≤ low ≤ high ≤ ${most}`, `[${low}, ${high}]`);
}

function assertWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new ArgumentError('nsa', `${name}, a whole number ≥ ${least}`, value);
}

function atResolution(pixels: Pixels, resolution: 'native' | number): Pixels {
  if (resolution === 'native') return pixels;
  const scale = resolution / Math.min(pixels.height, pixels.width);
  return resizedPixels(pixels, Math.round(pixels.height * scale), Math.round(pixels.width * scale));
}

/** Undefined without a background. */
function objectMasks(
  source: Pixels,
  destination: Pixels,
  background: readonly BackgroundBrightness[],
): ObjectMasks | undefined {
  if (background.length === 0) return undefined;
  const mask = contrastMask(destination, background);
  return { source: source === destination ? mask : contrastMask(source, background), destination: mask };
}

/** One call of the published procedure: the blended pixels, the mask of the patches, the weight of the source. */
function compose(
  destination: Pixels,
  source: Pixels,
  objects: ObjectMasks | undefined,
  rng: Rng,
  settings: Settings,
): { result: Pixels; patchMask: Uint8Array; factor: number } {
  const { numPatches, labelMode } = settings;
  const mode = settings.mode === 'mix' ? (rng.boolean() ? 'mixed' : 'normal') : settings.mode;
  const factor = labelMode === 'continuous' ? rng.uniform(0.05, 0.95) : 1;
  const result = { ...destination, data: destination.data.slice() };
  const patchMask = new Uint8Array(destination.height * destination.width);
  const patchSettings: PatchSettings = { ...settings, mode, factor };
  for (let patch = 0; patch < numPatches; patch++) {
    if (patch === 0 || rng.integer(0, 2) > 0)
      pastePatch(result, patchMask, source, objects, rng, patchSettings);
  }
  return { result, patchMask, factor };
}

/** Sets the mask where two images differ; whether they do. */
function markChanges(before: Pixels, after: Pixels, mask: Uint8Array): boolean {
  for (let i = 0; i < before.data.length; i++) {
    if (before.data[i] !== after.data[i]) mask[Math.floor(i / 3)] = 1;
  }
  return mask.includes(1);
}
