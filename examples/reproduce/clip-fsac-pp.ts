import type { ClipConfig } from '@anomclip/core/clip';
import { createProgress } from '../shared/progress.js';
import { reportError } from '../shared/report-error.js';
import { type FsacOptions, parseOptions } from './clip-fsac-pp/options.js';
import { planCells, rowOf } from './clip-fsac-pp/plan.js';
import { type CellParts, runCell } from './clip-fsac-pp/run-cell.js';
import { openUnseenCategories, prototypePrompts } from './clip-fsac-pp/unseen-categories.js';
import { openClip } from './driver/open-clip.js';
import { openData } from './driver/open-data.js';
import { readPaper } from './driver/paper.js';
import { abortOnInterrupt, runCells } from './driver/run-cells.js';
import { writeReports } from './driver/write-reports.js';

/** How well does CLIP-FSAC++ tell anomalous from normal images after a few normal ones? */
async function main(options: FsacOptions): Promise<void> {
  const { output, fresh, dryRun, data, classes } = options;
  const [progress, signal] = [createProgress(), abortOnInterrupt()];
  const isUnseen = data === undefined && options.clip === undefined;
  const dataset = isUnseen
    ? await openUnseenCategories(classes ?? (options.small ? ['anchor', 'carrot'] : undefined))
    : await openData(options, progress, { layout: 'mvtec-ad', signal });
  const cells = planCells(options, dataset, isUnseen);
  // Every synthetic image is new, so that keeping features would fill the disk with what is never asked for again.
  // CLIP-AC looks at patches too; CLIP-FSAC++ asks for none, and gets none.
  const nativeFeatures = ({ vision }: ClipConfig) => ({ layers: [vision.layers], projectPatches: true });
  const clip = await openClip(options, { keepFeatures: false, nativeFeatures });
  try {
    const parts: CellParts = {
      clip,
      dataset,
      ...(isUnseen && { prototypePrompts: await prototypePrompts() }),
    };
    const finished = await runCells(cells, (cell, context) => runCell(parts, cell, context), {
      output,
      resume: !fresh,
      dryRun,
      signal,
      progress,
    });
    if (dryRun) return;
    await writeReports(output, finished, {
      title: 'CLIP-FSAC++',
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
    });
  } finally {
    await clip.dispose();
  }
}

await main(parseOptions()).catch(reportError);
