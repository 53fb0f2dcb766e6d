import { ArgumentError, type OrganisedCloud, ShapeError } from '@anomclip/core';
import { contiguous, createMask, type Image, type Mask, resizeImage } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import { padToSquare, removeBackground, type Scan, squarePadding } from '@anomclip/pointcloud';
import { prepareScan } from '@anomclip/pointcloud/prepare';
import {
  type Box,
  createMultiViewSample,
  drawnBox,
  type MultiViewSample,
  type MultiViewSampleOptions,
} from '@anomclip/pointcloud/views';
import { cornerPlaneForeground, measuredForeground } from '@anomclip/synth/image';
import ndarray, { type NdArray } from 'ndarray';
import type { Clip3dConfig } from './config.js';

/** A scan with its colour image, as the sensor gives it. */
export interface Clip3dScan {
  readonly organised: OrganisedCloud;
  /** [H, W, 3] on the same pixels. */
  readonly image: Image;
}

/** A scan ready for CLIP3D-AD: cleaned, and seen from its sides. S is the side of the padded square. */
export interface Clip3dSample {
  /** [S, S, 3]; [H, W, 3] with `preprocess: 'none'`. */
  readonly image: Image;
  /** Of the same size, with zeros outside the object. */
  readonly organised: OrganisedCloud;
  /** Of the same size, 1 on the object. */
  readonly foreground: Mask;
  /** Coloured, with index maps; absent when the configuration uses no views. */
  readonly views?: MultiViewSample;
  /** The box of all that was drawn by then, this scan included; with `cameraFit: 'accumulate'` only. */
  readonly drawn?: Box;
  /** Height and width of the scan, and where it lies in the square. */
  readonly source: {
    readonly height: number;
    readonly width: number;
    readonly top: number;
    readonly left: number;
  };
  /** What a person should look at. */
  readonly warnings: readonly string[];
}

type PrepareConfig = Pick<
  Clip3dConfig,
  | 'preprocess'
  | 'maskRgb'
  | 'useMultiView'
  | 'views'
  | 'rotation'
  | 'renderSize'
  | 'pointSize'
  | 'background'
  | 'cloudSize'
  | 'cameraFit'
>;

/**
 * Cleans a scan and renders its views (sections 2 and 4): once per scan, before training or scoring.
 *
 * @param imageSize - Side of the model's input.
 * @param drawnBefore - For `cameraFit: 'accumulate'`, `drawn` of the sample before. Default: nothing was drawn.
 * @throws {@link ShapeError} when image and cloud differ in size.
 */
export function prepareClip3d(
  scan: Clip3dScan,
  config: PrepareConfig,
  imageSize: number,
  drawnBefore?: Box,
): Clip3dSample {
  const [height, width] = scan.organised.xyz.shape;
  if (scan.image.shape.join() !== [height, width, 3].join()) {
    throw new ShapeError(
      'CLIP3D-AD',
      `an image [${height}, ${width}, 3] as the cloud has it`,
      scan.image.shape,
    );
  }
  const { organised, image, warnings } = cleaned(scan, config);
  const { top, left } = config.preprocess === 'none' ? { top: 0, left: 0 } : squarePadding(height, width);
  return {
    image,
    organised,
    foreground: measuredForeground(organised),
    ...(config.useMultiView && renderClip3d({ organised, image }, config, imageSize, drawnBefore)),
    source: { height, width, top, left },
    warnings,
  };
}

/** Colours of the cells that the views of a sample show, when its image is another one. */
export function cellColours(
  { organised }: Clip3dSample,
  image: Image,
  { cloudSize }: PrepareConfig,
): Uint8Array {
  return colouredCloud({ organised, image }, cloudSize).colours;
}

/**
 * A mask of a scan on the pixels of a map with `size` a side: padded like the scan, and resized by the nearest pixel.
 *
 * @param size - `'native'`: as it is.
 * @throws {@link ShapeError} when the mask is not [H, W].
 */
export function evaluationMask(
  mask: Mask,
  size: number | 'native',
  { preprocess }: Pick<Clip3dConfig, 'preprocess'>,
): Mask {
  if (mask.dimension !== 2) throw new ShapeError('CLIP3D-AD', 'a mask [H, W]', mask.shape);
  const binary = ndarray(
    contiguous(mask).map((value) => Number(value > 0)),
    mask.shape,
  );
  if (size === 'native') return binary;
  const padded = preprocess === 'none' ? binary : padded2d(binary);
  return resizeImage(padded, size, size, { filter: 'nearest' });
}

function cleaned(
  scan: Clip3dScan,
  { preprocess, maskRgb }: PrepareConfig,
): Clip3dScan & { readonly warnings: readonly string[] } {
  switch (preprocess) {
    case 'plane-removal': {
      const { organised, image, warnings } = removeBackground(scan, { rng: createRng(111) });
      return { organised, image: (maskRgb && image) || paddedImage(scan), warnings };
    }
    case 'corner-plane':
      return { ...withoutCornerPlane(scan, maskRgb), warnings: [] };
    case 'none':
      return { ...scan, warnings: [] };
  }
}

/** Points beside the object cleared, and padded as the other way of cleaning does. */
function withoutCornerPlane(scan: Clip3dScan, maskRgb: boolean): Clip3dScan {
  const foreground = contiguous(cornerPlaneForeground(scan.organised));
  const keep = <T extends Float32Array | Uint8Array>(part: NdArray<T>): NdArray<T> => {
    const data = contiguous(part).slice() as T;
    for (let i = 0; i < data.length; i++) if (foreground[Math.floor(i / 3)] === 0) data[i] = 0;
    return ndarray(data, part.shape);
  };
  const organised = { xyz: keep(scan.organised.xyz) };
  const padded = padToSquare({ organised, image: maskRgb ? keep(scan.image) : scan.image });
  return { organised: padded.organised, image: padded.image ?? scan.image };
}

function paddedImage({ organised, image }: Clip3dScan): Image {
  return padToSquare({ organised, image }).image ?? image;
}

function padded2d(mask: Mask): Mask {
  const [height, width] = mask.shape;
  const { side, top, left } = squarePadding(height, width);
  const square = createMask(side, side);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++)
      square.set(row + top, column + left, mask.get(row, column));
  }
  return square;
}

/** @throws {@link ArgumentError} for views that do not exist. */
function renderClip3d(
  scan: Clip3dScan,
  config: PrepareConfig,
  imageSize: number,
  drawnBefore: Box | undefined,
): Pick<Clip3dSample, 'views' | 'drawn'> {
  const size = config.renderSize === 'model' ? imageSize : config.renderSize;
  const pointSize =
    config.pointSize === 'auto' ? Math.max(1, Math.round((5 * size) / 240)) : config.pointSize;
  const accumulates = config.cameraFit === 'accumulate';
  const options: MultiViewSampleOptions = {
    preset: 'clip3d',
    views: { convention: config.rotation, select: config.views },
    camera: { boxes: accumulates && drawnBefore ? { after: drawnBefore } : config.cameraFit },
    render: { window: size, size, pointSize, background: config.background },
  };
  const cloud = colouredCloud(scan, config.cloudSize);
  const views = createMultiViewSample(cloud, options);
  // Nothing to draw leaves a viewer as it was.
  const isEmpty = !views.foreground.includes(1);
  const drawn = isEmpty ? drawnBefore : drawnBox(cloud, options);
  return { views, ...(accumulates && drawn && { drawn }) };
}

function colouredCloud(scan: Scan, size: number | 'native') {
  const { colours, ...cloud } = prepareScan(scan, { size });
  if (!colours) throw new ArgumentError('CLIP3D-AD', 'a scan with an image', scan.image);
  return { ...cloud, colours };
}
