import { contiguous } from '@anomclip/core/image';
import { type MissingTest, resizeScan, type Scan, scanSize, validityTest } from '../organised.js';
import type { PreparedCloud } from './prepared-cloud.js';

export interface PrepareScanOptions {
  /** Side of the grid the scan is resized to, by repeating or dropping pixels; `'native'` keeps its own. @defaultValue 'native' */
  size?: number | 'native';
  /** Which pixels hold no point. @defaultValue 'any-zero' */
  missing?: MissingTest;
}

/**
 * Any scan as it is, without cleaning. Cells are pixels, coloured by those of the image and labelled by those of the mask;
 * the image also stays beside them in its own size.
 *
 * @throws {@link ShapeError} when the parts differ in size, {@link ArgumentError} when an option cannot be or an empty scan
 * is to be resized.
 */
export function prepareScan(scan: Scan, options: PrepareScanOptions = {}): PreparedCloud {
  const { size = 'native', missing = 'any-zero' } = options;
  const { organised, image, mask } = size === 'native' ? scan : resizeScan(scan, size, size);
  const [height, width] = scanSize('prepareScan', { organised, image, mask });
  const isPoint = validityTest('prepareScan', missing);
  const labels = mask && contiguous(mask).map((value) => Number(value > 0));
  return {
    ...keepPoints(contiguous(organised.xyz), isPoint),
    grid: [height, width],
    ...(labels && { labels, targets: labels.slice() }),
    ...(image && { colours: contiguous(image).slice(), image: scan.image }),
  };
}

/** The xyz triples of a grid with zeros where there is no point, and where there is one. */
export function keepPoints(
  xyz: Float32Array,
  isPoint: (x: number, y: number, z: number) => boolean,
): Pick<PreparedCloud, 'positions' | 'foreground'> {
  const positions = new Float32Array(xyz.length);
  const foreground = new Uint8Array(xyz.length / 3);
  for (let cell = 0, i = 0; cell < foreground.length; cell++, i += 3) {
    if (!isPoint(xyz[i], xyz[i + 1], xyz[i + 2])) continue;
    foreground[cell] = 1;
    for (let axis = i; axis < i + 3; axis++) positions[axis] = xyz[axis];
  }
  return { positions, foreground };
}
