import { openDataset } from '@anomclip/datasets';
import { clipsOf } from '../driver/clips.js';
import { clipConfigOf } from '../driver/open-clip.js';
import { openData } from '../driver/open-data.js';
import { readPaper } from '../driver/paper.js';
import type { Reproduction } from '../driver/reproduction.js';
import type { FinishedCell } from '../driver/results-file.js';
import { attentionOf, nativeFeatures } from './clips.js';
import { command, type PointadOptions } from './options.js';
import { planCells } from './plan.js';
import { createRunCell } from './run-cell.js';

/** PointAD (NeurIPS 2024): learn on one class, score the others, beside CLIP + Rendering and untrained prompts. */
export const pointad: Reproduction<PointadOptions> = {
  name: 'pointad',
  command,
  async open(options, { progress, signal }) {
    const { auxiliaryData } = options;
    const target = await openData(options, progress, { signal });
    // --classes says what is scored; what is learned on may be any class.
    const source = await openDataset(auxiliaryData ?? target.root);
    const clips = clipsOf(options, {
      featuresOf: (method) => ({ kind: attentionOf(method), nativeFeatures: nativeFeatures(method) }),
    });
    const isCross = auxiliaryData !== undefined;
    return {
      cells: planCells(options, target, source, await clipConfigOf(options)),
      runCell: createRunCell({ options, source, target, clipFor: clips.clipFor }),
      report: async (finished) => ({
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
      }),
      dispose: clips.dispose,
    };
  },
};

function protocolNotes({ data, clip }: PointadOptions): string[] {
  const runs =
    'A run learns on the labelled test split of one auxiliary class and scores all other classes; runs of several auxiliary classes differ in what they score, and so do their means.';
  if (data !== undefined && clip !== undefined) return [runs];
  return [
    `${runs} The offline benchmark is made of procedural parts, and our small CLIP has 0.74 million parameters: these numbers show that everything works together, and cannot be compared with the paper's.`,
  ];
}

function lossNote({ cell, details }: FinishedCell): string[] {
  const [first, last] = [details['total, first epoch'], details['total, last epoch']];
  if (typeof first !== 'number' || typeof last !== 'number') return [];
  return [
    `${cell.method} learned on ${cell.options.auxiliary}, seed ${cell.seed}: loss ${first.toFixed(4)} in the first epoch, ${last.toFixed(4)} in the last.`,
  ];
}
