import { FormatError } from '@anomclip/core';
import ndarray from 'ndarray';
import { assembleCloud, type CloudFile } from './cloud-file.js';
import { interleavedColumns } from './columns.js';
import { measuredPoints, organise } from './grid.js';
import { isNpy, type NpyArray, readNpy } from './npy.js';
import { isZip, readNpz } from './npz.js';
import { readObj } from './obj.js';
import { readPcd } from './pcd.js';
import { isPcd } from './pcd-header.js';
import { readPly } from './ply.js';
import { isPly } from './ply-header.js';
import type { ReadLimits } from './read-limits.js';
import { isTiff } from './tiff-directory.js';
import { readTxtCloud } from './txt-cloud.js';
import { readXyzTiff } from './xyz-tiff.js';

type Reader = (bytes: Uint8Array, limits: ReadLimits) => CloudFile;

const READERS = new Map<string, Reader>([
  ['ply', readPly],
  ['pcd', readPcd],
  ['obj', readObj],
  ['tif', readTiffCloud],
  ['tiff', readTiffCloud],
  ['npy', (bytes, limits) => arrayCloud('NPY', readNpy(bytes, limits))],
  ['npz', (bytes, limits) => arrayCloud('NPZ', onlyCloud(readNpz(bytes, limits)))],
  ['txt', readTxtCloud],
  ['xyz', readTxtCloud],
  ['csv', readTxtCloud],
  ['asc', readTxtCloud],
  ['pts', readTxtCloud],
]);

const MAGIC: [isFormat: (bytes: Uint8Array) => boolean, extension: string][] = [
  [isPly, 'ply'],
  [isPcd, 'pcd'],
  [isTiff, 'tiff'],
  [isNpy, 'npy'],
  [isZip, 'npz'],
];

/** Names that an NPZ archive of several arrays may give its points. */
const POINT_NAMES = ['xyz', 'points', 'positions'];

/**
 * Reads points from any supported file, chosen by the extension of `fileName` (upper or lower case) and, when that
 * is not known, by how the file starts. Of an NPY file the first three columns of [N, 3 or more] are x y z, and
 * [H, W, 3] is a scan on a grid; an NPZ archive holds one array, or one called xyz, points or positions.
 *
 * @throws FormatError that lists the supported formats when neither tells, else what the format's reader throws.
 */
export function readCloud(bytes: Uint8Array, fileName: string, limits: ReadLimits = {}): CloudFile {
  const extension = /\.([^./\\]+)$/.exec(fileName)?.[1].toLowerCase() ?? '';
  const reader =
    READERS.get(extension) ?? READERS.get(MAGIC.find(([isFormat]) => isFormat(bytes))?.[1] ?? '');
  if (!reader) {
    throw new FormatError(
      'point cloud',
      `"${fileName}" is of no known kind`,
      `supported are ${[...READERS.keys()].map((known) => `.${known}`).join(', ')}`,
    );
  }
  return reader(bytes, limits);
}

function readTiffCloud(bytes: Uint8Array, limits: ReadLimits): CloudFile {
  const organised = readXyzTiff(bytes, limits);
  return { ...measuredPoints(organised), organised };
}

function onlyCloud(arrays: ReadonlyMap<string, NpyArray>): NpyArray {
  const name = arrays.size === 1 ? [...arrays.keys()][0] : POINT_NAMES.find((known) => arrays.has(known));
  const array = arrays.get(name ?? '');
  if (!array) {
    throw new FormatError(
      'NPZ',
      `cannot tell which array holds the points among ${[...arrays.keys()].join(', ').slice(0, 80) || 'none'}`,
      `call it ${POINT_NAMES.join(', ')}, or use readNpz`,
    );
  }
  return array;
}

function arrayCloud(format: string, array: NpyArray): CloudFile {
  const { shape } = array;
  const isGrid = shape.length === 3 && shape[2] === 3;
  if (!isGrid && !(shape.length === 2 && shape[1] >= 3)) {
    throw new FormatError(format, `an array [${shape.join(', ')}]`, 'points are [N, 3 or more] or [H, W, 3]');
  }
  const count = isGrid ? shape[0] * shape[1] : shape[0];
  const positions = interleavedColumns(firstThreeColumns(array, count), 3);
  if (!isGrid) return assembleCloud({ count, positions });
  const organised = { xyz: ndarray(organise(positions, count), shape) };
  return { ...measuredPoints(organised), organised };
}

/** x y z of every row, interleaved; of a grid, in raster order. */
function firstThreeColumns({ data, shape, stride, offset }: NpyArray, count: number): Float64Array {
  const xyz = new Float64Array(3 * count);
  const width = shape.length === 3 ? shape[1] : 1;
  const channelStride = stride[shape.length - 1];
  for (let i = 0; i < count; i++) {
    const row = Math.floor(i / width);
    const start = offset + row * stride[0] + (shape.length === 3 ? (i - row * width) * stride[1] : 0);
    for (let axis = 0; axis < 3; axis++) xyz[3 * i + axis] = Number(data[start + axis * channelStride]);
  }
  return xyz;
}
