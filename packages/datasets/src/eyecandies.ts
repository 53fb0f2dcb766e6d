import { ArgumentError, type OrganisedCloud } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import ndarray from 'ndarray';
import type { Dataset, OpenOptions } from './dataset.js';
import { type EyecandiesPose, listRawEyecandies } from './eyecandies-raw.js';
import type { Layout } from './listing.js';
import { openLayout } from './open-layout.js';
import { listScanFolders } from './scan-folders.js';

/** Options of {@link openEyecandies}. */
export interface OpenEyecandiesOptions extends OpenOptions {
  /**
   * Which of the six lightings is `image`: all spots, bottom, right, top, left spot, global light box. For the raw
   * dataset only; the copy has one image. @defaultValue 4
   */
  readonly light?: 0 | 1 | 2 | 3 | 4 | 5;
  /**
   * How `pose.txt` is applied to the points of the camera frame, for the raw dataset only: its `inverse`, as the
   * documentation and the methods do; `forward`, as the dataset's own conversion does; or `none`, the camera frame.
   * @defaultValue 'inverse'
   */
  readonly pose?: EyecandiesPose;
}

/** Eyecandies, as downloaded or as the copy in the folders of MVTec 3D-AD that methods use. */
export function eyecandies(options: Pick<OpenEyecandiesOptions, 'light' | 'pose'> = {}): Layout {
  const { light = 4, pose = 'inverse' } = options;
  return {
    name: 'eyecandies',
    title: 'Eyecandies',
    tree: '<Class>/{train,val,test_public}/data/<index>_<item>, or <Class>/{train,test}/<type>/{rgb,xyz,gt}/NNN.{png,tiff,png}',
    async list(listing) {
      await listRawEyecandies(listing, light, pose);
      if (listing.classes.length > 0) return;
      await listScanFolders(listing, { clean: clearBackground });
      listing.incomparable.add('validation'); // the script that makes the copy leaves it out
    },
  };
}

/**
 * Opens Eyecandies. The raw dataset gives `depth`, `camera` with its pose, and the points made of both; to know labels
 * and defect types, its small metadata files are read, and the masks of anomalous samples. `test_private` has no
 * annotations and is not listed.
 *
 * The copy has background points with one coordinate that is exactly 0; they become (0, 0, 0), missing.
 *
 * @param root - The folder that holds one folder per class.
 * @throws `DatasetError` as `openMvtec3d`.
 * @throws `ArgumentError` for a light or pose that does not exist.
 */
export async function openEyecandies(root: string, options: OpenEyecandiesOptions = {}): Promise<Dataset> {
  const { light = 4, pose = 'inverse', ...rest } = options;
  if (![0, 1, 2, 3, 4, 5].includes(light)) throw new ArgumentError('openEyecandies: light', '0 to 5', light);
  if (!['inverse', 'forward', 'none'].includes(pose)) {
    throw new ArgumentError('openEyecandies: pose', "'inverse', 'forward' or 'none'", pose);
  }
  return openLayout(eyecandies({ light, pose }), root, rest);
}

function clearBackground({ xyz }: OrganisedCloud): OrganisedCloud {
  const points = Float32Array.from(contiguous(xyz));
  for (let i = 0; i < points.length; i += 3) {
    if (points[i] === 0 || points[i + 1] === 0 || points[i + 2] === 0) points.fill(0, i, i + 3);
  }
  return { xyz: ndarray(points, xyz.shape) };
}
