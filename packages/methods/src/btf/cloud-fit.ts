import { ArgumentError, type LongWorkOptions, type PointCloud } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import { buildKdTree, everyKth, knnAll } from '@anomclip/pointcloud';
import { takeRows } from '../memory-bank/index.js';
import { buildBank } from './bank.js';
import { type BtfCloudConfig, btfCloudConfig, type FittedBtfCloudConfig } from './cloud-config.js';
import { type BtfCloudDetector, createBtfCloudDetector } from './cloud-detector.js';
import { fpfhOfCloud } from './cloud-features.js';
import { FPFH_SIZE } from './features.js';

/**
 * BTF on clouds without a grid, as the Real3D-AD benchmark runs it: every point is compared with a bank of points' FPFH,
 * without patches. What else is said of `fitBtf` holds here too.
 *
 * @param clouds - Normal clouds of one category.
 * @throws {@link ArgumentError} when the configuration cannot work, there is no cloud, or a cloud has no points or
 * lacks the normals that `normalOrientation: 'given'` asks for.
 */
export async function fitBtfCloud(
  clouds: Iterable<PointCloud> | AsyncIterable<PointCloud>,
  config: Partial<BtfCloudConfig> = {},
  options: LongWorkOptions = {},
): Promise<BtfCloudDetector> {
  const asked = btfCloudConfig(config);
  let fitted: FittedBtfCloudConfig | undefined;
  function rowsOf(cloud: PointCloud, position: number): Float32Array {
    const [count] = cloud.positions.shape;
    if (count === 0) throw new ArgumentError(WHERE, 'clouds with points', `sample ${position} without any`);
    fitted ??= { ...asked, voxel: asked.voxel === 'auto' ? VOXEL_SPACINGS * spacing(cloud) : asked.voxel };
    return takeRows(fpfhOfCloud(cloud, fitted), FPFH_SIZE, everyKth(count, fitted.bankEvery));
  }
  const bank = await buildBank(WHERE, clouds, rowsOf, asked, options);
  if (!fitted) throw new ArgumentError(WHERE, 'at least one cloud', 'none'); // buildBank has said so already
  return createBtfCloudDetector(bank, fitted);
}

const WHERE = 'fitBtfCloud';

/**
 * With a voxel of six spacings the two neighbourhoods of a surface would hold some 450 and 2800 points: their
 * `maxNeighbours` decides, as it does on the benchmark's scans with its own voxel.
 */
const VOXEL_SPACINGS = 6;

/** Mean distance of the points to the nearest one, copies left out; 1 when all points lie in one place. */
function spacing({ positions }: PointCloud): number {
  const points = contiguous(positions);
  const { k, squaredDistances } = knnAll(buildKdTree(points), { k: 2 });
  let sum = 0;
  let count = 0;
  for (let i = 1; k === 2 && i < squaredDistances.length; i += 2) {
    if (squaredDistances[i] === 0) continue;
    sum += Math.sqrt(squaredDistances[i]);
    count++;
  }
  return count > 0 ? sum / count : 1;
}
