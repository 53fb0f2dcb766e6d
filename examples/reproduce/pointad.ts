import { openDataset } from '@anomclip/datasets';
import { createProgress } from '../shared/progress.js';
import { reportError } from '../shared/report-error.js';
import { openData } from './driver/open-data.js';
import { readPaper } from './driver/paper.js';
import { abortOnInterrupt, runCells } from './driver/run-cells.js';
import { writeReports } from './driver/write-reports.js';
import { clipsOf } from './pointad/clips.js';
import { type PointadOptions, parseOptions } from './pointad/options.js';
import { planCells } from './pointad/plan.js';
import { createRunCell } from './pointad/run-cell.js';

/** PointAD (NeurIPS 2024): learn on one class, score the others, beside CLIP + Rendering and untrained prompts. */
async function main(options: PointadOptions, signal: AbortSignal): Promise<void> {
  const { output, fresh, dryRun, auxiliaryData } = options;
  const progress = createProgress();
  const target = await openData(options, progress, { signal });
  const source = auxiliaryData === undefined ? target : await openDataset(auxiliaryData);
  const clips = clipsOf(options);
  try {
    const { config } = await clips.clipFor('PointAD');
    const cells = planCells(options, target, source, config);
    const runCell = createRunCell({ options, source, target, clipFor: clips.clipFor });
    const finished = await runCells(cells, runCell, { output, resume: !fresh, dryRun, signal, progress });
    if (dryRun) return;
    const isCross = auxiliaryData !== undefined;
    await writeReports(output, finished, {
      title: `PointAD, ${isCross ? `cross-dataset from ${source.root}` : 'one class against the rest'}, on ${options.data ?? 'the offline benchmark'}`,
      notes: [...protocolNotes(options), ...finished.flatMap(lossNote)],
      paper: await readPaper('pointad'),
      setting: isCross ? 'cross-dataset' : 'one-vs-rest',
      metrics: ['I-AUROC', 'AP', 'P-AUROC', 'AUPRO'],
      settings: [
        ['data', target.root],
        [
          'evaluation',
          'grid of the scan, background counted as normal; AUPRO up to 0.3, 200 steps from lowest to highest score',
        ],
      ],
    });
  } finally {
    await clips.dispose();
  }
}

function protocolNotes({ data, clip }: PointadOptions): string[] {
  const runs = 'A run learns on the labelled test split of one auxiliary class and scores all other classes.';
  if (data !== undefined && clip !== undefined) return [runs];
  return [
    `${runs} The offline benchmark is made of procedural parts, and the prototype CLIP has 0.74 million parameters: these numbers show that everything works together, and cannot be compared with the paper's.`,
  ];
}

function lossNote({
  cell,
  details,
}: {
  cell: { method: string; seed: number; options: object };
  details: object;
}): string[] {
  const losses = details as Record<string, unknown>;
  const [first, last] = [losses['total, first epoch'], losses['total, last epoch']];
  if (typeof first !== 'number' || typeof last !== 'number') return [];
  const { auxiliary } = cell.options as { auxiliary?: string };
  return [
    `${cell.method} learned on ${auxiliary}, seed ${cell.seed}: loss ${first.toFixed(4)} in the first epoch, ${last.toFixed(4)} in the last.`,
  ];
}

await main(parseOptions(), abortOnInterrupt()).catch(reportError);
