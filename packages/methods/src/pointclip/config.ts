import { ArgumentError } from '@anomclip/core';
import type { PromptEnsemble } from '@anomclip/core/clip';
import { merge, oneOf } from '../config-checks.js';

/** Everything that decides what PointCLIP says about a cloud. */
export interface PointclipConfig {
  /** @defaultValue `point cloud of a big {}` against `point cloud of a big damaged {}` */
  readonly prompts: PromptEnsemble;
  /** Whether prompts that are too long for the model are cut. @defaultValue false: they are an error */
  readonly truncate: boolean;
  /** Divides the cosines before the softmax, > 0. @defaultValue 0.07 */
  readonly temperature: number;
  /** What a point's sum over the views is divided by: the views that see it, or all. @defaultValue 'visibleCount' */
  readonly viewNormalization: 'visibleCount' | 'viewCount';
  /** Standard deviation of the blur of the scores on the grid of a scan, in cells; 0 for none. @defaultValue 0 */
  readonly sigma: number;
}

const recommended: PointclipConfig = {
  prompts: {
    templates: ['point cloud of a big {}'],
    states: { normal: ['{}'], anomalous: ['damaged {}'] },
  },
  truncate: false,
  temperature: 0.07,
  viewNormalization: 'visibleCount',
  sigma: 0,
};

/** `recommended` is the default; `smoothed` blurs the scores as PointAD does, for a comparison on equal terms. */
export const pointclipPresets: Readonly<Record<'recommended' | 'smoothed', PointclipConfig>> = {
  recommended,
  smoothed: { ...recommended, sigma: 4 },
};

/** The whole configuration, checked. */
export function pointclipConfig(given: Partial<PointclipConfig>): PointclipConfig {
  const config = merge(WHERE, recommended, given);
  oneOf(WHERE, 'viewNormalization', config.viewNormalization, ['visibleCount', 'viewCount']);
  if (!(config.temperature > 0 && Number.isFinite(config.temperature))) {
    throw new ArgumentError(WHERE, 'temperature above 0', config.temperature);
  }
  if (!(config.sigma >= 0 && Number.isFinite(config.sigma))) {
    throw new ArgumentError(WHERE, 'sigma of at least 0', config.sigma);
  }
  return config;
}

const WHERE = 'PointclipConfig';
