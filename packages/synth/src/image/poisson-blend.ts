import { ArgumentError } from '@anomclip/core';
import type { Image, Mask } from '@anomclip/core/image';
import { solvePoisson } from './poisson-solver.js';
import { copyPixels, maskOf, type Pixels, toImage } from './synthetic-image.js';

export interface PoissonBlendOptions {
  /** Where the source's first row goes in the destination. @defaultValue 0 */
  row?: number;
  /** Where the source's first column goes in the destination. @defaultValue 0 */
  column?: number;
  /**
   * Whose gradients are kept inside the mask: `normal` the source's, `mixed` those of the image in which the two
   * components differ more. @defaultValue 'normal'
   */
  mode?: PoissonMode;
  /** Weight of the source's gradients beside the destination's, in [0, 1]. @defaultValue 1 */
  sourceWeight?: number;
}

export type PoissonMode = 'normal' | 'mixed';

/**
 * Poisson image editing (Pérez et al. 2003, doi:10.1145/882262.882269) as OpenCV's `seamlessClone` does it: the
 * source's gradients are kept and its colours adapt to the destination. The pixels that may change are those inside the
 * bounding box of the mask without its one-pixel frame, not only those of the mask.
 *
 * @param destination - [H, W, 3].
 * @param source - [h, w, 3], placed inside the destination.
 * @param mask - [h, w]; the outermost rows and columns are ignored, as OpenCV does. An empty mask, or one less than
 *   7 × 7 pixels everywhere, blends nothing.
 * @returns A new image, [H, W, 3].
 * @throws {@link ShapeError} for an empty image or a mask of another size, {@link ArgumentError} when the source does not
 *   lie inside the destination or another option is out of range.
 */
export function poissonBlend(
  destination: Image,
  source: Image,
  mask: Mask,
  options: PoissonBlendOptions = {},
): Image {
  const { row = 0, column = 0, mode = 'normal', sourceWeight = 1 } = options;
  const canvas = copyPixels('poissonBlend destination', destination);
  const patch = copyPixels('poissonBlend source', source);
  const patchMask = maskOf('poissonBlend', mask, patch.height, patch.width);
  assertPlacement(canvas, patch, row, column);
  if (mode !== 'normal' && mode !== 'mixed') {
    throw new ArgumentError('poissonBlend', "mode 'normal' or 'mixed'", mode);
  }
  if (!(sourceWeight >= 0 && sourceWeight <= 1)) {
    throw new ArgumentError('poissonBlend', 'sourceWeight in [0, 1]', sourceWeight);
  }
  blendInto(canvas, patch, patchMask, { row, column, mode, sourceWeight });
  return toImage(canvas);
}

function assertPlacement(canvas: Pixels, patch: Pixels, row: number, column: number): void {
  const inside = (at: number, size: number, room: number) =>
    Number.isInteger(at) && at >= 0 && at + size <= room;
  if (inside(row, patch.height, canvas.height) && inside(column, patch.width, canvas.width)) return;
  throw new ArgumentError(
    'poissonBlend',
    `a source inside the destination of ${canvas.height} × ${canvas.width}`,
    `${patch.height} × ${patch.width} at row ${row}, column ${column}`,
    'crop or resize the source',
  );
}

/** Blends a patch into the pixels of a canvas, in place. */
export function blendInto(
  canvas: Pixels,
  patch: Pixels,
  mask: Uint8Array,
  placement: Required<PoissonBlendOptions>,
): void {
  const box = boundingBox(mask, patch.height, patch.width);
  if (box === undefined || box.height < 3 || box.width < 3) return;
  const region = { canvas, patch, mask, box, ...placement };
  const [lines, length] = [box.height - 2, box.width - 2];
  // The solver transforms along its lines, which is cheaper along the shorter side.
  const transposed = length > lines;
  const [lineStep, step] = transposed ? [1, lines] : [length, 1];
  const size = lines * length;
  const fields = new Float64Array(3 * size);
  for (let channel = 0; channel < 3; channel++) {
    addGuidance(region, channel, fields.subarray(channel * size, (channel + 1) * size), lineStep, step);
  }
  if (transposed) solvePoisson(fields, 3, length, lines);
  else solvePoisson(fields, 3, lines, length);
  for (let i = 0; i < lines; i++) {
    let at = 3 * ((region.row + box.row + i + 1) * canvas.width + region.column + box.column + 1);
    for (let j = 0; j < length; j++) {
      const field = i * lineStep + j * step;
      for (let channel = 0; channel < 3; channel++, at++) {
        canvas.data[at] = truncated(canvas.data[at] + fields[channel * size + field]);
      }
    }
  }
}

interface Box {
  readonly row: number;
  readonly column: number;
  readonly height: number;
  readonly width: number;
}

interface Region extends Required<PoissonBlendOptions> {
  readonly canvas: Pixels;
  readonly patch: Pixels;
  readonly mask: Uint8Array;
  /** Bounding box of the mask in the patch. */
  readonly box: Box;
}

/** Of a mask without its outermost rows and columns; undefined when nothing is set there. */
function boundingBox(mask: Uint8Array, height: number, width: number): Box | undefined {
  let [top, bottom, left, right] = [height, -1, width, -1];
  for (let i = 1; i < height - 1; i++) {
    for (let j = 1; j < width - 1; j++) {
      if (mask[i * width + j] === 0) continue;
      top = Math.min(top, i);
      bottom = i;
      left = Math.min(left, j);
      right = Math.max(right, j);
    }
  }
  if (bottom < 0) return undefined;
  return { row: top, column: left, height: bottom - top + 1, width: right - left + 1 };
}

/**
 * The divergence of (guidance − gradient of the destination), which is 0 outside the eroded mask. Solving for the
 * change instead of the result keeps the frame at 0, and a source that equals the destination changes nothing, exactly.
 */
function addGuidance(
  { canvas, patch, mask, box, row, column, mode, sourceWeight }: Region,
  channel: number,
  divergence: Float64Array,
  lineStep: number,
  step: number,
): void {
  const eroded = erode7(mask, patch.width, box);
  const [down, sourceDown] = [3 * canvas.width, 3 * patch.width];
  const [d, s] = [canvas.data, patch.data];
  for (let i = 3; i < box.height - 3; i++) {
    let at = 3 * ((row + box.row + i) * canvas.width + column + box.column + 3) + channel;
    let from = 3 * ((box.row + i) * patch.width + box.column + 3) + channel;
    for (let j = 3; j < box.width - 3; j++, at += 3, from += 3) {
      if (eroded[i * box.width + j] === 0) continue;
      const dx = d[at + 3] - d[at];
      const dy = d[at + down] - d[at];
      const sx = s[from + 3] - s[from];
      const sy = s[from + sourceDown] - s[from];
      if (mode === 'mixed' && Math.abs(sx - sy) <= Math.abs(dx - dy)) continue;
      const x = sourceWeight * (sx - dx);
      const y = sourceWeight * (sy - dy);
      const inner = (i - 1) * lineStep + (j - 1) * step;
      divergence[inner] += x + y;
      divergence[inner + step] -= x;
      divergence[inner + lineStep] -= y;
    }
  }
}

/** The pixels of a box whose 7 × 7 neighbourhood lies in the box and the mask. */
function erode7(mask: Uint8Array, maskWidth: number, { row, column, height, width }: Box): Uint8Array {
  const eroded = new Uint8Array(height * width);
  const runDown = new Uint8Array(width); // rows in a row whose seven columns are all set
  for (let i = 0; i < height; i++) {
    const start = (row + i) * maskWidth + column;
    let run = 0;
    for (let j = 0; j < width; j++) {
      run = mask[start + j] === 0 ? 0 : Math.min(run + 1, 7);
      if (j < 6) continue;
      runDown[j - 3] = run < 7 ? 0 : Math.min(runDown[j - 3] + 1, 7);
      if (runDown[j - 3] === 7) eroded[(i - 3) * width + j - 3] = 1;
    }
  }
  return eroded;
}

function truncated(value: number): number {
  // Whole numbers must not fall below themselves by the rounding of the sums.
  return Math.min(Math.max(Math.floor(value + 1e-6), 0), 255);
}
