import type { Progress } from '../../shared/progress.js';
import { clipsOf } from '../driver/clips.js';
import { datasetName, openData } from '../driver/open-data.js';
import { readPaper } from '../driver/paper.js';
import type { Reproduction } from '../driver/reproduction.js';
import { openUnseenCategories, unseenCategories } from '../driver/unseen-categories.js';
import { datasetImages, type ImageClasses } from './image-classes.js';
import { command, type WinclipOptions } from './options.js';
import { planCells } from './plan.js';
import { createRunCell } from './run-cell.js';

/** WinCLIP (CVPR 2023), zero-shot and few-shot, beside CLIP-AC: is looking at windows worth it? */
export const winclip: Reproduction<WinclipOptions> = {
  name: 'winclip',
  command,
  async open(options, { progress, signal }) {
    const images = await openImages(options, progress, signal);
    const clips = clipsOf(options, {
      featuresOf(method) {
        const projectPatches = method !== 'WinCLIP';
        return {
          kind: String(projectPatches),
          nativeFeatures: ({ vision }) => ({ layers: [vision.layers], projectPatches }),
        };
      },
    });
    return {
      cells: planCells(options, images),
      runCell: createRunCell(images, clips.clipFor),
      report: async () => ({
        title: `WinCLIP on ${options.data ?? images.name}`,
        notes: notesOf(options),
        paper: await readPaper('winclip'),
        metrics: ['I-AUROC', 'AP', 'F1-max', 'P-AUROC', 'AUPRO'],
        settings: [
          ['evaluation', 'at the size of the model; AUPRO up to 0.3, 200 steps from lowest to highest score'],
        ],
      }),
      dispose: clips.dispose,
    };
  },
};

/** The folder of `--data`; else what the small CLIP has never seen; else the offline benchmark. */
async function openImages(
  options: WinclipOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<ImageClasses> {
  const selection = options.withReplacement ? 'with-replacement' : 'random';
  if (options.data === undefined && !options.benchmark) {
    const dataset = await openUnseenCategories(
      options.classes ?? (options.small ? ['anchor', 'bottle'] : undefined),
    );
    return datasetImages(dataset, unseenCategories, { selection });
  }
  const dataset = await openData(options, progress, { signal });
  return datasetImages(dataset, datasetName(options, dataset), { selection });
}

function notesOf({ data, clip, withReplacement }: WinclipOptions): string[] {
  const references = withReplacement
    ? 'References are drawn with replacement.'
    : 'References are drawn without replacement, and fewer shots are among the more.';
  if (data !== undefined && clip !== undefined) return [references];
  return [
    references,
    'Our small CLIP has 0.74 million parameters and 8 × 8 patches: these numbers show that everything works together, and cannot be compared with published ones.',
  ];
}
