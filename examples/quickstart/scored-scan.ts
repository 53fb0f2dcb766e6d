import type { AnomalyMap, Mask } from '@anomclip/core/image';
import type { Sample } from '@anomclip/datasets';
import type { ReferenceMap } from '@anomclip/metrics';

/** Maps and masks are compared on this grid, as BTF and the methods after it do. */
export const gridSize = 224;

/** What is kept of a test scan: all on the grid, less than 1 MB. */
export interface ScoredScan {
  readonly sample: Sample;
  readonly imageScore: number;
  readonly map: AnomalyMap;
  readonly mask: Mask;
  readonly foreground: ReferenceMap;
}
