import { clipsOf } from '../driver/clips.js';
import { openData } from '../driver/open-data.js';
import { readPaper } from '../driver/paper.js';
import type { Reproduction } from '../driver/reproduction.js';
import { openUnseenCategories } from '../driver/unseen-categories.js';
import { command, type FsacOptions } from './options.js';
import { planCells, rowOf } from './plan.js';
import { createRunCell } from './run-cell.js';

/** How well does CLIP-FSAC++ tell anomalous from normal images after a few normal ones? */
export const clipFsacPp: Reproduction<FsacOptions> = {
  name: 'clip-fsac-pp',
  command,
  async open(options, { progress, signal }) {
    const { data, clip, classes, small, benchmark } = options;
    const isUnseen = !benchmark && data === undefined && clip === undefined;
    const dataset = isUnseen
      ? await openUnseenCategories(classes ?? (small ? ['anchor', 'carrot'] : undefined))
      : await openData(options, progress, { signal });
    const clips = clipsOf(options, {
      // CLIP-AC looks at patches too; CLIP-FSAC++ asks for none, and gets none.
      featuresOf: () => ({
        kind: 'projected',
        nativeFeatures: ({ vision }) => ({ layers: [vision.layers], projectPatches: true }),
      }),
      // Every synthetic image is new, so that keeping features would fill the disk with what is never asked for again.
      keepFeatures: false,
    });
    const cells = planCells(options, dataset, isUnseen);
    return {
      cells,
      runCell: createRunCell({ dataset, clipFor: clips.clipFor }),
      report: async () => ({
        title: `CLIP-FSAC++ on ${data ?? cells[0].dataset}`,
        notes: [
          'Every number is of the last epoch, and each test image is scored alone. The released program keeps the epoch that does best on the test labels; see docs/clip-fsac-pp.md.',
        ],
        settings: [
          ['data', data ?? cells[0].dataset],
          ['settings', cells[0].options.settings],
          ['preset', options.preset],
        ],
        paper: await readPaper('clip-fsac-pp'),
        offlinePaperDataset: 'mvtec-ad',
        metrics: ['I-AUROC', 'AUPR', 'F1-max'],
        rowOf,
      }),
      dispose: clips.dispose,
    };
  },
};
