import type { PointCloud } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import { countPoints } from '../check-points.js';
import type { PreparedCloud } from './prepared-cloud.js';

/**
 * Any loose cloud as it is: every point is a cell. A label that is not 0 is anomalous.
 *
 * @throws {@link ArgumentError} when a coordinate is not finite.
 */
export function prepareCloud(cloud: PointCloud): PreparedCloud {
  const positions = contiguous(cloud.positions).slice();
  const count = countPoints('prepareCloud', positions);
  const labels = cloud.labels && Uint8Array.from(cloud.labels, (label) => Number(label !== 0));
  return {
    positions,
    foreground: new Uint8Array(count).fill(1),
    ...(labels && { labels, targets: labels.slice() }),
    ...(cloud.colours && { colours: contiguous(cloud.colours).slice() }),
  };
}
