import type { DefectType } from './damage.js';
import { breadRoll } from './models/bread-roll.js';
import { coaster } from './models/coaster.js';
import { cornCob } from './models/corn-cob.js';
import { drainCover } from './models/drain-cover.js';
import { gasket } from './models/gasket.js';
import { heatSink } from './models/heat-sink.js';
import { pretzel } from './models/pretzel.js';
import { soapBar } from './models/soap-bar.js';
import { sponge } from './models/sponge.js';
import { toolHandle } from './models/tool-handle.js';
import type { ModelBuilder } from './object-model.js';

/** The ten procedural categories, in alphabetical order. None has the name of a category of MVTec 3D-AD. */
export const objectCategories = [
  'bread_roll',
  'coaster',
  'corn_cob',
  'drain_cover',
  'gasket',
  'heat_sink',
  'pretzel',
  'soap_bar',
  'sponge',
  'tool_handle',
] as const;

/** One of {@link objectCategories}. */
export type ObjectCategory = (typeof objectCategories)[number];

interface CategoryEntry {
  readonly build: ModelBuilder;
  readonly defects: readonly DefectType[];
}

export const categories: Readonly<Record<ObjectCategory, CategoryEntry>> = {
  bread_roll: {
    build: breadRoll,
    defects: ['bulge', 'contamination', 'crack', 'cut', 'dent', 'hole', 'stain'],
  },
  coaster: { build: coaster, defects: ['bulge', 'contamination', 'crack', 'cut', 'dent', 'hole', 'stain'] },
  corn_cob: { build: cornCob, defects: ['contamination', 'cut', 'dent', 'stain'] },
  drain_cover: { build: drainCover, defects: ['bulge', 'contamination', 'crack', 'dent', 'hole', 'stain'] },
  gasket: { build: gasket, defects: ['bulge', 'contamination', 'crack', 'cut', 'dent', 'hole', 'stain'] },
  heat_sink: { build: heatSink, defects: ['contamination', 'cut', 'dent', 'stain'] },
  pretzel: { build: pretzel, defects: ['bulge', 'contamination', 'crack', 'cut', 'dent', 'stain'] },
  soap_bar: { build: soapBar, defects: ['bulge', 'contamination', 'crack', 'cut', 'dent', 'hole', 'stain'] },
  sponge: { build: sponge, defects: ['bulge', 'contamination', 'cut', 'dent', 'hole', 'stain'] },
  tool_handle: { build: toolHandle, defects: ['bulge', 'contamination', 'crack', 'cut', 'dent', 'stain'] },
};

/** The defects that make sense for a category, in alphabetical order; at least four. */
export function defectTypesOf(category: ObjectCategory): readonly DefectType[] {
  return categories[category].defects;
}
