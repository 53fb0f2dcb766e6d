import type { Case } from '../shared/case-strip.js';
import type { Curve } from '../shared/charts.js';

/** All that the report shows. Only plain data, so that it can be handed from a worker thread to the main one. */
export interface RunResults {
  readonly title: string;
  /** Shown below the tables as they are. */
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly categories: readonly CategoryResult[];
  readonly wallSeconds: number;
}

/** One category: learned from its normal training scans, scored on its test scans. */
export interface CategoryResult {
  readonly className: string;
  readonly trainScans: number;
  readonly scans: readonly ScanScore[];
  readonly imageAuroc: number;
  readonly imageAp: number;
  readonly pixelAuroc: number;
  readonly aupro: number;
  /** The map that marks the whole object, evaluated on the same masks. */
  readonly foregroundPixelAuroc: number;
  readonly foregroundAupro: number;
  /** Time to load, clean and learn the training scans. */
  readonly fitSeconds: number;
  /** Time to load, clean and score one test scan, on average. */
  readonly secondsPerScan: number;
  /** Of the process that did the work, up to the end of this category. */
  readonly peakMemoryBytes: number;
  readonly imageRoc: Curve;
  readonly pixelRoc: Curve;
  /** Scores of the maps that are painted darkest and brightest. */
  readonly mapRange: readonly [low: number, high: number];
  readonly cases: readonly Case[];
}

/** One test scan. */
export interface ScanScore {
  readonly id: string;
  readonly defectType: string;
  readonly label: 0 | 1;
  readonly imageScore: number;
}
