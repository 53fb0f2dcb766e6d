import { AnomclipError, FormatError } from '@anomclip/core';
import { contiguous, type Image } from '@anomclip/core/image';
import { readSafetensors, type TensorToWrite, writeSafetensors } from '@anomclip/core/weights';
import ndarray from 'ndarray';
import { type Camera, checkCamera } from './camera.js';
import type { MultiViewSample } from './multi-view-sample.js';
import { type ResolvedSampleOptions, resolveSampleOptions } from './sample-options.js';
import { SampleTensors } from './sample-tensors.js';

/** What the metadata of a sample's file say it is; the number rises when the layout changes. */
const format = 'anomclip multi-view sample 1';

/**
 * A sample as a safetensors file; the layout is in the README. Equal samples give equal bytes.
 */
export function writeMultiViewSample(sample: MultiViewSample): Uint8Array {
  const { options, viewCount, channels, cameras, poses, correspondences, foreground } = sample;
  const { size, window } = options.render;
  const count = foreground.length;
  const tensors: Record<string, TensorToWrite> = {
    renderings: { shape: [viewCount, size, size, channels], data: sample.renderings },
    foreground: { shape: [count], data: foreground },
    'camera.window': {
      shape: [viewCount, 2],
      data: Int32Array.from(cameras.flatMap(({ width, height }) => [width, height])),
    },
    'camera.lens': {
      shape: [viewCount, 5],
      data: Float64Array.from(
        cameras.flatMap(({ focal, centreX, centreY, near, far }) => [focal, centreX, centreY, near, far]),
      ),
    },
    'camera.extrinsic': {
      shape: [viewCount, 4, 4],
      data: Float64Array.from(cameras.flatMap(({ extrinsic }) => [...extrinsic])),
    },
    'pose.rotation': {
      shape: [viewCount, 3, 3],
      data: Float64Array.from(poses.flatMap(({ rotation }) => [...rotation])),
    },
    'pose.centre': { shape: [3], data: Float64Array.from(sample.centre) },
  };
  if (sample.masks) tensors.masks = { shape: [viewCount, size, size], data: sample.masks };
  if (correspondences) {
    tensors.pixels = { shape: [viewCount, count, 2], data: correspondences.pixels };
    tensors.visible = { shape: [viewCount, count], data: correspondences.visible };
  }
  if (sample.indexMaps) tensors.index_maps = { shape: [viewCount, window, window], data: sample.indexMaps };
  if (sample.labels) tensors.labels = { shape: [count], data: sample.labels };
  if (sample.targets) tensors.targets = { shape: [count], data: sample.targets };
  if (sample.image) tensors.image = { shape: sample.image.shape, data: contiguous(sample.image) };
  return writeSafetensors(tensors, {
    format,
    options: JSON.stringify(options),
    ...(sample.grid && { grid: JSON.stringify(sample.grid) }),
  });
}

/**
 * Reads a file that {@link writeMultiViewSample} wrote. The file is not trusted: every type, shape and value is checked.
 *
 * @returns A sample of its own; the bytes may change afterwards.
 * @throws {@link FormatError} for anything else.
 */
export function readMultiViewSample(bytes: Uint8Array): MultiViewSample {
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.format !== format) {
    const found = JSON.stringify(metadata.format) ?? 'missing';
    throw malformed(`its format is ${found}, not ${JSON.stringify(format)}`, 'make the sample again');
  }
  const options = readOptions(metadata.options);
  const { size, window, colouring } = options.render;
  const channels = colouring === 'colours' ? 3 : 1;
  const file = new SampleTensors(tensors);
  const foreground = file.bytes('foreground', ['N'], 2);
  const poses = rowsOf(file.numbers('pose.rotation', ['V', 3, 3]), 9).map((rotation) => ({ rotation }));
  const [x, y, z] = file.numbers('pose.centre', [3]);
  const cameras = readCameras(file, window);
  const viewCount = file.side('V');
  const pointCount = file.side('N');
  const renderings = file.bytes('renderings', ['V', size, size, channels], 256);
  const sample: MultiViewSample = {
    options,
    viewCount,
    renderings,
    channels,
    ...(file.has('masks') && { masks: file.bytes('masks', ['V', size, size], 2) }),
    cameras,
    poses,
    centre: [x, y, z],
    ...(options.keep.correspondences && {
      correspondences: {
        viewCount,
        pointCount,
        size,
        pixels: file.words('pixels', ['V', 'N', 2], size),
        visible: file.bytes('visible', ['V', 'N'], 2),
        foreground: foreground.slice(),
      },
    }),
    ...(options.keep.indexMaps && {
      indexMaps: file.integers('index_maps', ['V', window, window], -1, pointCount),
    }),
    foreground,
    ...(metadata.grid !== undefined && { grid: readGrid(metadata.grid, pointCount) }),
    ...(file.has('labels') && { labels: file.bytes('labels', ['N'], 2) }),
    ...(file.has('targets') && { targets: file.bytes('targets', ['N'], 2) }),
    ...(file.has('image') && { image: readImage(file) }),
  };
  file.end();
  checkBackground(sample);
  return sample;
}

/** Only the text that the writer makes of the options it stands for is accepted. */
function readOptions(text: string | undefined): ResolvedSampleOptions {
  if (text === undefined || text.length > 10_000) throw malformed('its options are missing or too long');
  try {
    const options = resolveSampleOptions(JSON.parse(text) ?? undefined);
    if (JSON.stringify(options) === text) return options;
  } catch (error) {
    if (error instanceof SyntaxError) throw malformed('its options are not JSON');
    if (error instanceof AnomclipError) throw malformed(`its options cannot be: ${error.message}`);
    throw error;
  }
  throw malformed('its options are not written as the writer does');
}

function readCameras(file: SampleTensors, window: number): Camera[] {
  const windows = file.integers('camera.window', ['V', 2], window, window + 1);
  const lenses = rowsOf(file.numbers('camera.lens', ['V', 5]), 5);
  const extrinsics = rowsOf(file.numbers('camera.extrinsic', ['V', 4, 4]), 16);
  return lenses.map(([focal, centreX, centreY, near, far], view) => {
    const [width, height] = windows.subarray(2 * view);
    const camera: Camera = { width, height, focal, centreX, centreY, extrinsic: extrinsics[view], near, far };
    try {
      checkCamera('camera', camera);
    } catch (error) {
      throw error instanceof AnomclipError ? malformed(`view ${view}: ${error.message}`) : error;
    }
    return camera;
  });
}

function readGrid(text: string, count: number): [height: number, width: number] {
  const [, height, width] = /^\[(\d{1,9}),(\d{1,9})\]$/.exec(text)?.map(Number) ?? [];
  if (!(height * width === count)) throw malformed(`its grid is not one of ${count} cells`);
  return [height, width];
}

function readImage(file: SampleTensors): Image {
  const data = file.bytes('image', ['H', 'W', 3], 256);
  return ndarray(data, [file.side('H'), file.side('W'), 3]);
}

function checkBackground({ correspondences, foreground }: MultiViewSample): void {
  const count = foreground.length;
  correspondences?.visible.forEach((flag, i) => {
    if (flag > foreground[i % count]) throw malformed(`background cell ${i % count} is visible`);
  });
}

function rowsOf(values: Float64Array, width: number): Float64Array[] {
  return Array.from({ length: values.length / width }, (_, row) =>
    values.slice(row * width, (row + 1) * width),
  );
}

function malformed(problem: string, hint?: string): FormatError {
  return new FormatError('multi-view sample', problem, hint);
}
