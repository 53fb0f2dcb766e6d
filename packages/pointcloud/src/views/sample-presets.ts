import { checkChoice } from '../check-points.js';
import type {
  SampleCamera,
  SampleKeep,
  SampleRendering,
  SampleViews,
  SampleVisibility,
} from './sample-options.js';

export type SamplePreset = 'recommended' | 'released' | 'paper' | 'clip3d';

export type SampleDataset = 'mvtec3d' | 'eyecandies' | 'real3d';

/** What a preset says for a dataset and class; the rest is as the defaults have it. */
interface Choices {
  readonly baseAngle?: number;
  readonly normals?: { readonly radius: number; readonly maxNeighbours: number };
  readonly views?: SampleViews;
  readonly camera?: SampleCamera;
  readonly render?: SampleRendering;
  readonly visibility?: SampleVisibility;
  readonly keep?: SampleKeep;
}

/**
 * Turn, normals and point size of `pointad.md` 2.6, and of its section 8 what differs between recommendation, released code
 * (D6, D8, D9, D10, D13, D14) and paper (D6: the depth test on the grid of 24 × 24 patches); or `clip3d-ad.md` 4.
 *
 * @throws {@link ArgumentError} for an unknown preset or dataset.
 */
export function samplePreset(
  preset: SamplePreset,
  dataset: SampleDataset | undefined,
  className: string,
): Choices {
  checkChoice('samplePreset', 'preset', preset, ['recommended', 'released', 'paper', 'clip3d']);
  if (dataset !== undefined)
    checkChoice('samplePreset', 'dataset', dataset, ['mvtec3d', 'eyecandies', 'real3d']);
  if (preset === 'clip3d') return clip3d;
  const { baseAngle, normals, pointSize } = dataset ? ofDataset(dataset, className) : {};
  const choices = { baseAngle, normals, render: { pointSize } };
  if (preset === 'paper') return { ...choices, visibility: { resolution: 24 } };
  if (preset === 'recommended' || dataset === undefined) {
    return preset === 'recommended' ? choices : { ...choices, ...releasedVisibility };
  }
  const window = dataset === 'mvtec3d' ? 1024 : 1036;
  return {
    ...choices,
    ...releasedVisibility,
    views: { schedule: releasedSchedules[dataset] },
    render: { pointSize, window, groundTruthWindow: 1036 },
    ...(dataset === 'eyecandies' && { camera: { fit: 'stepBack', shareWithGroundTruth: false } }),
  };
}

const releasedVisibility: Choices = { visibility: { outOfFrame: 'clamp', unseen: 'rasterNeighbour' } };

const releasedSchedules = {
  mvtec3d: 'tiltMvtec9',
  eyecandies: 'tiltEyecandies9',
  real3d: 'circularX',
} as const;

function ofDataset(dataset: SampleDataset, className: string) {
  switch (dataset) {
    case 'mvtec3d':
      return {
        baseAngle: Math.PI,
        normals: { radius: 0.1, maxNeighbours: 50 },
        pointSize: Object.hasOwn(mvtecPointSizes, className) ? mvtecPointSizes[className] : 8,
      };
    case 'eyecandies':
      return { baseAngle: Math.PI / 4, normals: { radius: 0.1, maxNeighbours: 50 }, pointSize: 10 };
    case 'real3d':
      return { baseAngle: Math.PI, normals: { radius: 0.8, maxNeighbours: 30 }, pointSize: 12 };
  }
}

const mvtecPointSizes: Readonly<Record<string, number>> = {
  bagel: 7,
  cable_gland: 12,
  carrot: 7,
  cookie: 6,
  dowel: 10,
  foam: 8,
  peach: 7,
  potato: 8,
  rope: 5,
  tire: 8,
};

const clip3d: Choices = {
  baseAngle: Math.PI,
  views: { schedule: 'grid27', count: 27, convention: 'paper', select: [5, 9, 14, 19, 27] },
  camera: { boxes: 'sample' },
  render: {
    window: 240,
    size: 240,
    pointSize: 5,
    groundTruthPointSize: 5,
    coverage: 'roundHalfUp',
    colouring: 'colours',
  },
  keep: { correspondences: false, indexMaps: true },
};
