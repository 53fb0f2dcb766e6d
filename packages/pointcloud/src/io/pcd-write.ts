import { type OrganisedCloud, type PointCloud, ShapeError } from '@anomclip/core';
import { contiguous, type Image } from '@anomclip/core/image';
import type { NdArray } from 'ndarray';
import type { LabelArray } from './columns.js';
import { flattenCloud, namedColumns, type WritableColumn, writeRecords } from './write-columns.js';

export interface WritePcdOptions {
  /** Colours of an organised scan, [H, W, 3]. */
  readonly image?: Image;
  /** Labels of an organised scan, [H, W]. */
  readonly labelGrid?: NdArray<LabelArray>;
}

/**
 * Writes a binary PCD file (version 0.7): x y z, normal_x normal_y normal_z, rgb (0xRRGGBB in the bits of a float)
 * and label in its own type, as far as there are any. A scan on a grid keeps it (HEIGHT above 1), with NaN where
 * nothing was measured.
 */
export function writePcd(cloud: PointCloud | OrganisedCloud, options: WritePcdOptions = {}): Uint8Array {
  if ('xyz' in cloud) return writeOrganised(cloud, options);
  const { count, positions, normals, colours, labels } = flattenCloud('writePcd', cloud);
  return writeFile(count, 1, [
    ...namedColumns(positions, 'x', 'y', 'z'),
    ...(normals ? namedColumns(normals, 'normal_x', 'normal_y', 'normal_z') : []),
    ...(colours ? namedColumns(packColours(colours), 'rgb') : []),
    ...(labels ? namedColumns(labels, 'label') : []),
  ]);
}

function writeOrganised({ xyz }: OrganisedCloud, { image, labelGrid }: WritePcdOptions): Uint8Array {
  const [height, width] = xyz.shape;
  checkShape('writePcd xyz', xyz.shape, [height, width, 3]);
  if (image) checkShape('writePcd image', image.shape, [height, width, 3]);
  if (labelGrid) checkShape('writePcd labelGrid', labelGrid.shape, [height, width]);
  return writeFile(width, height, [
    ...namedColumns(missingToNaN(contiguous(xyz)), 'x', 'y', 'z'),
    ...(image ? namedColumns(packColours(contiguous(image)), 'rgb') : []),
    ...(labelGrid ? namedColumns(contiguous<LabelArray>(labelGrid), 'label') : []),
  ]);
}

function writeFile(width: number, height: number, columns: readonly WritableColumn[]): Uint8Array {
  const header = [
    '# .PCD v0.7 - Point Cloud Data file format',
    'VERSION 0.7',
    `FIELDS ${columns.map(({ name }) => name).join(' ')}`,
    `SIZE ${columns.map(({ values }) => values.BYTES_PER_ELEMENT).join(' ')}`,
    `TYPE ${columns.map(pcdType).join(' ')}`,
    `COUNT ${columns.map(() => 1).join(' ')}`,
    `WIDTH ${width}`,
    `HEIGHT ${height}`,
    'VIEWPOINT 0 0 0 1 0 0 0',
    `POINTS ${width * height}`,
    'DATA binary\n',
  ].join('\n');
  return writeRecords(header, columns, width * height);
}

/** As uint32, whose bits the file calls a float: that is the field other readers look for. */
function packColours(colours: Uint8Array): Uint32Array {
  const packed = new Uint32Array(colours.length / 3);
  for (let i = 0; i < packed.length; i++) {
    packed[i] = (colours[3 * i] << 16) | (colours[3 * i + 1] << 8) | colours[3 * i + 2];
  }
  return packed;
}

function missingToNaN(xyz: Float32Array): Float32Array {
  const result = xyz.slice();
  for (let i = 0; i < xyz.length; i += 3) {
    if (xyz[i] === 0 && xyz[i + 1] === 0 && xyz[i + 2] === 0) result.fill(NaN, i, i + 3);
  }
  return result;
}

function pcdType({ name, values }: WritableColumn): string {
  if (name === 'rgb' || values instanceof Float32Array) return 'F';
  return values instanceof Int32Array ? 'I' : 'U';
}

function checkShape(where: string, shape: readonly number[], wanted: readonly number[]): void {
  if (shape.length !== wanted.length || wanted.some((side, axis) => side !== shape[axis])) {
    throw new ShapeError(where, `[${wanted.join(', ')}]`, shape);
  }
}
