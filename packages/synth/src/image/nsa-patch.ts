import { resizeImage } from '@anomclip/core/image';
import { cosSinOfTurns, type Rng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { blendInto } from './poisson-blend.js';
import type { Pixels } from './synthetic-image.js';
import { resizedPixels } from './texture-source.js';

/** What one patch needs of the options of `nsa`. */
export interface PatchSettings {
  readonly widthBounds: readonly [rows: readonly [number, number], columns: readonly [number, number]];
  readonly gammaParams: readonly [shape: number, scale: number, offset: number] | null;
  readonly resize: boolean;
  readonly resizeBounds: readonly [number, number];
  readonly shift: boolean;
  readonly mode: 'normal' | 'mixed' | 'swap' | 'uniform';
  readonly minObjectPct: number;
  readonly minOverlapPct: number;
  readonly numEllipses: number;
  readonly cutpaste: boolean;
  /** Weight of the source. */
  readonly factor: number;
}

/** Where source and destination show the object. */
export interface ObjectMasks {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

const maxTries = 200;
/** A Poisson system below this is not worth solving. */
const fewestPixels = 50;

interface Rectangle {
  readonly row: number;
  readonly column: number;
  readonly height: number;
  readonly width: number;
}

/** A patch cut from the source: its pixels, its shape, and where it shows the object. */
interface Patch extends Pixels {
  readonly mask: Uint8Array;
  readonly object: Uint8Array | undefined;
}

/**
 * Cuts one patch from the source and blends it into the canvas, in place; its shape overwrites its rectangle of
 * `patchMask`. Nothing happens when no place is found.
 */
export function pastePatch(
  canvas: Pixels,
  patchMask: Uint8Array,
  source: Pixels,
  objects: ObjectMasks | undefined,
  rng: Rng,
  settings: PatchSettings,
): void {
  const bounds = pixelBounds(canvas, settings.widthBounds);
  const cut = cutPatch(source, objects?.source, bounds, rng, settings);
  if (cut === undefined) return;
  const patch = settings.resize ? resizePatch(cut.patch, bounds, rng, settings.resizeBounds) : cut.patch;
  if (patch === undefined) return;
  const place = settings.shift
    ? drawPlace(canvas, patch, objects?.destination, rng, settings)
    : cut.rectangle;
  if (place === undefined) return;

  const onto = objects && crop(objects.destination, canvas.width, place);
  const mask = patch.mask.map((set, i) =>
    Number(set === 1 && (!onto || onto[i] === 1 || patch.object?.[i] === 1)),
  );
  if (!blend(canvas, { ...patch, mask }, onto, place, settings)) return;
  for (let i = 0; i < patch.height; i++) {
    const line = mask.subarray(i * patch.width, (i + 1) * patch.width);
    patchMask.set(line, (place.row + i) * canvas.width + place.column);
  }
}

/** Bounds of half sizes in pixels. */
interface Bounds {
  readonly rows: readonly [low: number, high: number];
  readonly columns: readonly [low: number, high: number];
}

function pixelBounds({ height, width }: Pixels, [rows, columns]: PatchSettings['widthBounds']): Bounds {
  return {
    rows: [Math.round(rows[0] * height), Math.round(rows[1] * height)],
    columns: [Math.round(columns[0] * width), Math.round(columns[1] * width)],
  };
}

function cutPatch(
  source: Pixels,
  object: Uint8Array | undefined,
  bounds: Bounds,
  rng: Rng,
  settings: PatchSettings,
): { patch: Patch; rectangle: Rectangle } | undefined {
  const { height, width } = source;
  const half = drawHalfSizes(source, bounds, rng, settings);
  // CutPaste's patches lie inside the image; NSA's may stick out and are clipped.
  const [rowMargin, columnMargin] = settings.cutpaste ? half : [bounds.rows[0], bounds.columns[0]];
  if (height - rowMargin <= rowMargin || width - columnMargin <= columnMargin) return undefined;
  for (let attempt = 0; attempt < maxTries; attempt++) {
    const row = rng.integer(rowMargin, height - rowMargin);
    const column = rng.integer(columnMargin, width - columnMargin);
    const rectangle = clipped(row, column, half, source);
    const area = rectangle.height * rectangle.width;
    if (area === 0) return undefined;
    const mask =
      settings.numEllipses > 0
        ? drawEllipses(rectangle, half, bounds, rng, settings.numEllipses)
        : new Uint8Array(area).fill(1);
    const objectOf = object && crop(object, width, rectangle);
    if (objectOf && count(objectOf, mask) / area <= settings.minObjectPct) continue;
    return { patch: { ...cropPixels(source, rectangle), mask, object: objectOf }, rectangle };
  }
  return undefined;
}

function drawHalfSizes(
  { height, width }: Pixels,
  { rows, columns }: Bounds,
  rng: Rng,
  { gammaParams, cutpaste }: PatchSettings,
): [rows: number, columns: number] {
  if (cutpaste) {
    const area = (rng.uniform(0.02, 0.15) / 4) * height * height;
    const aspect = rng.integer(0, 2) > 0 ? rng.uniform(0.3, 1) : rng.uniform(1, 3.3);
    const halfHeight = Math.max(1, Math.round(clip(Math.sqrt(area * aspect), 0, height)));
    return [halfHeight, Math.round(clip(area / halfHeight, 0, width))];
  }
  if (gammaParams) {
    const [shape, scale, offset] = gammaParams;
    const draw = (side: number, [low, high]: readonly [number, number]) =>
      Math.trunc(clip((offset + rng.gamma(shape, scale)) * side, low, high));
    return [draw(height, rows), draw(width, columns)];
  }
  const draw = ([low, high]: readonly [number, number]) => rng.integer(low, Math.max(low + 1, high));
  return [draw(rows), draw(columns)];
}

function clipped(row: number, column: number, [rows, columns]: [number, number], image: Pixels): Rectangle {
  const [top, left] = [Math.max(0, row - rows), Math.max(0, column - columns)];
  return {
    row: top,
    column: left,
    height: Math.min(image.height, row + rows) - top,
    width: Math.min(image.width, column + columns) - left,
  };
}

/** A union of ellipses. The two plus signs are the published code's: the second axis is mirrored, not perpendicular. */
function drawEllipses(
  { height, width }: Rectangle,
  [halfRows, halfColumns]: [number, number],
  { rows, columns }: Bounds,
  rng: Rng,
  ellipses: number,
): Uint8Array {
  const mask = new Uint8Array(height * width);
  for (let ellipse = 0; ellipse < ellipses; ellipse++) {
    const [cos, sin] = cosSinOfTurns(rng.uniform(0, 0.5));
    const [centreRow, centreColumn] = [rng.integer(0, height), rng.integer(0, width)];
    const a = Math.max(1, rng.integer(rows[0], Math.max(rows[0] + 1, halfRows >> 1)));
    const b = Math.max(1, rng.integer(columns[0], Math.max(columns[0] + 1, halfColumns >> 1)));
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        const x = i - centreRow;
        const y = j - centreColumn;
        const p = (x * cos + y * sin) / a;
        const q = (x * sin + y * cos) / b;
        if (p * p + q * q <= 1) mask[i * width + j] = 1;
      }
    }
  }
  return mask;
}

/** Rescales a patch. The bounds of half sizes now bound the full ones, as in the published code. */
function resizePatch(
  patch: Patch,
  { rows, columns }: Bounds,
  rng: Rng,
  resizeBounds: readonly [number, number],
): Patch | undefined {
  const { height, width } = patch;
  const factor = clip(rng.normal(1, 0.5), resizeBounds[0], resizeBounds[1]);
  const wanted = clip(factor * height, rows[0], rows[1]);
  const newWidth = clip(Math.trunc((wanted / height) * width), columns[0], columns[1]);
  const newHeight = clip(Math.trunc((newWidth / width) * height), rows[0], rows[1]);
  if (newHeight < 1 || newWidth < 1) return undefined;
  // 8-bit bilinear resizing rounds 0 and 1 to 0 and 1.
  const resizeMask = (mask: Uint8Array) =>
    resizeImage(ndarray(mask, [height, width]), newHeight, newWidth, { filter: 'bilinear' }).data;
  return {
    ...resizedPixels(patch, newHeight, newWidth),
    mask: resizeMask(patch.mask),
    object: patch.object && resizeMask(patch.object),
  };
}

/** Where a patch goes; with a background, enough of its object must fall onto the object. */
function drawPlace(
  canvas: Pixels,
  { height, width, mask, object }: Patch,
  onto: Uint8Array | undefined,
  rng: Rng,
  { minObjectPct, minOverlapPct }: PatchSettings,
): Rectangle | undefined {
  const [halfHeight, halfWidth] = [height >> 1, width >> 1];
  if (canvas.height - halfHeight - 1 <= halfHeight + 1 || canvas.width - halfWidth - 1 <= halfWidth + 1)
    return undefined;
  for (let attempt = 0; attempt < maxTries; attempt++) {
    const row = rng.integer(halfHeight + 1, canvas.height - halfHeight - 1) - halfHeight;
    const column = rng.integer(halfWidth + 1, canvas.width - halfWidth - 1) - halfWidth;
    const place = { row, column, height, width };
    if (!object || !onto) return place;
    const objectPixels = count(object);
    const overlap = count(object, mask, crop(onto, canvas.width, place));
    if (objectPixels / (height * width) > minObjectPct && overlap / objectPixels > minOverlapPct)
      return place;
  }
  return undefined;
}

/** Puts a patch in its place by the mode; whether there was enough to blend. */
function blend(
  canvas: Pixels,
  patch: Patch,
  onto: Uint8Array | undefined,
  { row, column }: Rectangle,
  { mode, factor }: PatchSettings,
): boolean {
  if (mode === 'normal' || mode === 'mixed') {
    // Where both show the background the blend may run on, or the object would get a halo.
    const mask = patch.mask.map((set, i) =>
      Number(set === 1 || (onto?.[i] === 0 && patch.object?.[i] === 0)),
    );
    if (countInside(mask, patch) < fewestPixels) return false;
    blendInto(canvas, patch, mask, { row, column, mode, sourceWeight: factor });
    return true;
  }
  const weight = mode === 'swap' ? 1 : factor;
  for (let i = 0; i < patch.height; i++) {
    for (let j = 0; j < patch.width; j++) {
      if (patch.mask[i * patch.width + j] === 0) continue;
      const from = 3 * (i * patch.width + j);
      const to = 3 * ((row + i) * canvas.width + column + j);
      for (let channel = 0; channel < 3; channel++) {
        canvas.data[to + channel] = Math.floor(
          (1 - weight) * canvas.data[to + channel] + weight * patch.data[from + channel],
        );
      }
    }
  }
  return true;
}

function crop(mask: Uint8Array, maskWidth: number, { row, column, height, width }: Rectangle): Uint8Array {
  const part = new Uint8Array(height * width);
  for (let i = 0; i < height; i++) {
    const start = (row + i) * maskWidth + column;
    part.set(mask.subarray(start, start + width), i * width);
  }
  return part;
}

function cropPixels(image: Pixels, { row, column, height, width }: Rectangle): Pixels {
  const rectangle = { row, column: 3 * column, height, width: 3 * width };
  return { data: crop(image.data, 3 * image.width, rectangle), height, width };
}

/** Pixels that are set in all masks. */
function count(...masks: readonly Uint8Array[]): number {
  let pixels = 0;
  for (let i = 0; i < masks[0].length; i++) if (masks.every((mask) => mask[i] === 1)) pixels++;
  return pixels;
}

/** Without the outermost rows and columns. */
function countInside(mask: Uint8Array, { height, width }: Pixels): number {
  let pixels = 0;
  for (let i = 1; i < height - 1; i++) {
    for (let j = 1; j < width - 1; j++) pixels += mask[i * width + j];
  }
  return pixels;
}

function clip(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
