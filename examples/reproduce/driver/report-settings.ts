import type { Cell } from './cell.js';
import type { Paper } from './paper.js';

/** How the results of one reproduction are shown. */
export interface ReportSettings {
  readonly title: string;
  /** Lines under the title. */
  readonly notes?: readonly string[];
  readonly settings?: readonly (readonly [name: string, value: string])[];
  /** Whose numbers stand beside ours. @defaultValue none */
  readonly paper?: Paper;
  /** Setting of the paper's tables that a table of ours is compared with. @defaultValue any */
  readonly setting?: string;
  /** Dataset whose printed means stand beside those of the offline benchmark. @defaultValue 'mvtec3d' */
  readonly offlinePaperDataset?: string;
  /** Metrics that are shown, in this order. @defaultValue all */
  readonly metrics?: readonly string[];
  /** Names of the rows; cells of equal names are runs of one row. @defaultValue {@link methodAndShots} */
  readonly rowOf?: (cell: Cell) => string;
}

/** `CLIP3D-AD, 2-shot`. */
export function methodAndShots({ method, k }: Pick<Cell, 'method' | 'k'>): string {
  return k === undefined ? method : `${method}, ${k}-shot`;
}
