import { readFile } from 'node:fs/promises';
import type { OrganisedCloud } from '@anomclip/core';
import { createMask, decodeMask, decodePng, type Image, type Mask } from '@anomclip/core/image';
import { readXyzTiff } from '@anomclip/pointcloud/io';
import { DatasetError } from './dataset-error.js';
import { normalType, type SampleFiles } from './mvtec3d-layout.js';
import type { Camera, SampleData } from './sample.js';

/** Reads and decodes all files of one sample. */
export async function loadMvtec3dSample(files: SampleFiles): Promise<SampleData> {
  const organised = await readCloud(files);
  const image = await readImage(files);
  const size = sizeOf(organised.xyz);
  assertSize(files.rgb, sizeOf(image), size);
  const camera = files.camera === undefined ? undefined : await readCamera(files.camera);
  const found = { image, organised, ...(camera && { camera }) };
  if (files.defectType === normalType) return { ...found, mask: createMask(...size), warnings: [] };

  const mask = await readTruth(files);
  assertSize(files.gt ?? files.id, sizeOf(mask), size);
  return { ...found, mask, warnings: isEmpty(mask) ? [emptyMaskWarning] : [] };
}

/** An anomalous sample without a single anomalous pixel. */
export const emptyMaskWarning = 'the sample is anomalous, but no pixel of its mask is';

/** [H, W, 3]. */
export async function readImage({ rgb }: SampleFiles): Promise<Image> {
  return readAndDecode(rgb, decodePng);
}

/** [H, W, 3], metres. */
export async function readCloud({ xyz }: SampleFiles): Promise<OrganisedCloud> {
  return readAndDecode(xyz, readXyzTiff);
}

/** [H, W]: the pixel values are class ids of the defect (253, 254, 255), so every value above 0 counts. */
export async function readTruth({ id, rgb, gt }: SampleFiles): Promise<Mask> {
  if (gt === undefined) {
    throw new DatasetError(rgb, `the anomalous sample ${id} has no mask: no file of this name lies in gt`, {
      hint: 'unpack the dataset again; samples without defects belong into a folder called good',
    });
  }
  return readAndDecode(gt, decodeMask);
}

/** The camera of a class, from the lens and sensor data that come with the dataset. */
export async function readCamera(path: string): Promise<Camera> {
  return readAndDecode(path, (bytes) => {
    const parameters: unknown = JSON.parse(new TextDecoder().decode(bytes));
    function number(name: string): number {
      const value: unknown = (parameters as Record<string, unknown> | null)?.[name];
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      throw new TypeError(`"${name}" is ${value === undefined ? 'missing' : `${value}, not a number`}`);
    }
    const [pixelWidth, pixelHeight, focalLength] = [number('sx'), number('sy'), number('focus')];
    return {
      fx: focalLength / pixelWidth,
      fy: focalLength / pixelHeight,
      cx: number('cx'),
      cy: number('cy'),
      width: number('image_width'),
      height: number('image_height'),
      distortion: { kappa: number('kappa'), pixelWidth, pixelHeight },
    };
  });
}

/** @throws {@link DatasetError} when the files of one sample are of different size. */
export function assertSize(path: string, actual: Size, wanted: Size): void {
  if (actual[0] === wanted[0] && actual[1] === wanted[1]) return;
  throw new DatasetError(
    path,
    `is ${actual.join(' x ')} pixels, the xyz file of its sample ${wanted.join(' x ')}`,
    {
      hint: 'rows x columns must be equal in rgb, xyz and gt; were only some of the files preprocessed?',
    },
  );
}

/** Rows and columns. */
export type Size = readonly [height: number, width: number];

/** Size of an [H, W, …] array. */
export function sizeOf({ shape }: { readonly shape: readonly number[] }): Size {
  return [shape[0], shape[1]];
}

/** Whether no pixel is anomalous. */
export function isEmpty(mask: Mask): boolean {
  return !mask.data.includes(1); // decoded masks are contiguous
}

async function readAndDecode<Decoded>(
  path: string,
  decode: (bytes: Uint8Array) => Decoded,
): Promise<Decoded> {
  try {
    return decode(await readFile(path));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DatasetError(path, `cannot be read: ${reason}`, {
      hint: 'unpack or download the file again',
      cause,
    });
  }
}
