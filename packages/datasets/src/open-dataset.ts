import { anomalyShapenet } from './anomaly-shapenet.js';
import type { Dataset, OpenOptions } from './dataset.js';
import { eyecandies } from './eyecandies.js';
import { plainFolders } from './folders.js';
import type { Layout } from './listing.js';
import { mvtecAd } from './mvtec-ad.js';
import { mvtecLoco } from './mvtec-loco.js';
import { mvtec3d } from './mvtec3d.js';
import { findRoot, openLayout, wrongLayout } from './open-layout.js';
import type { LayoutName } from './published-counts.js';
import { real3d } from './real3d.js';
import { recogniseLayout } from './recognise-layout.js';
import { visa } from './visa.js';

/**
 * Opens a folder in any of the known layouts, which is told by its folder names. Options of single datasets, such as the
 * light of Eyecandies, have their defaults; use the dataset's own function for others.
 *
 * @throws `DatasetError` that lists all layouts when the folder is in none of them, and as `openMvtec3d`.
 */
export async function openDataset(root: string, options: OpenOptions = {}): Promise<Dataset> {
  const layouts = createLayouts();
  const trees = Object.values(layouts).map(({ title, tree }) => `${title}: ${tree}`);
  const tree = trees.map((text) => `\n  ${text}`).join('');
  const folder = await findRoot(root, tree);
  const name = await recogniseLayout(folder);
  if (name === undefined) throw await wrongLayout(folder, { title: 'any known dataset', tree });
  return openLayout(layouts[name], folder, options);
}

function createLayouts(): Readonly<Record<LayoutName, Layout>> {
  return {
    mvtec3d,
    eyecandies: eyecandies(),
    real3d: real3d(),
    'anomaly-shapenet': anomalyShapenet,
    'mvtec-ad': mvtecAd,
    'mvtec-loco': mvtecLoco,
    visa: visa(),
    folders: plainFolders(),
  };
}
