import { existsSync } from 'node:fs';
import type { Clip } from '@anomclip/core/clip';
import { createProgress, type Progress } from '../shared/progress.js';
import { reportError } from '../shared/report-error.js';
import { openClip } from './driver/open-clip.js';
import { datasetName, openData } from './driver/open-data.js';
import { readPaper } from './driver/paper.js';
import { abortOnInterrupt, runCells } from './driver/run-cells.js';
import { writeReports } from './driver/write-reports.js';
import { datasetImages, type ImageClasses, unseenCategories } from './winclip/image-classes.js';
import { parseOptions, type WinclipOptions } from './winclip/options.js';
import { planCells } from './winclip/plan.js';
import { createRunCell } from './winclip/run-cell.js';

/** WinCLIP (CVPR 2023), zero-shot and few-shot, beside CLIP-AC: is looking at windows worth it? */
async function main(options: WinclipOptions, signal: AbortSignal): Promise<void> {
  const { output, fresh, dryRun, data } = options;
  const progress = createProgress();
  const images = await openImages(options, progress, signal);
  const clips = clipsOf(options);
  try {
    const runCell = createRunCell(images, clips.clipFor);
    const cells = planCells(options, images);
    const finished = await runCells(cells, runCell, { output, resume: !fresh, dryRun, signal, progress });
    if (dryRun) return;
    await writeReports(output, finished, {
      title: `WinCLIP on ${data ?? images.name}`,
      notes: notesOf(options),
      paper: await readPaper('winclip'),
      metrics: ['I-AUROC', 'AP', 'F1-max', 'P-AUROC', 'AUPRO'],
      settings: [
        ['evaluation', 'at the size of the model; AUPRO up to 0.3, 200 steps from lowest to highest score'],
      ],
    });
  } finally {
    await clips.dispose();
  }
}

/** Images that the prototype CLIP has never seen, beside it. */
const unseenFile = '../shared/data/prototype-clip/unseen-categories.safetensors';

/** The folder of `--data`; else what the prototype CLIP has never seen; else the offline benchmark. */
async function openImages(
  options: WinclipOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<ImageClasses> {
  if (options.data === undefined && existsSync(unseenFile)) {
    const all = await unseenCategories(unseenFile);
    const classes = options.classes ?? (options.small ? all.classes.slice(0, 2) : all.classes);
    progress.line(`${unseenFile}: ${classes.join(', ')}`);
    return { ...all, classes };
  }
  const dataset = await openData(options, progress, { signal });
  return datasetImages(dataset, datasetName(options, dataset));
}

/** One model for all methods; with `--native` one for each kind of patch features, since graphs compute one kind only. */
function clipsOf(options: WinclipOptions) {
  const open = new Map<string, Promise<Clip>>();
  return {
    clipFor(method: string): Promise<Clip> {
      const projectPatches = method !== 'WinCLIP';
      const kind = options.native ? String(projectPatches) : 'any';
      const nativeFeatures = ({ vision }: Clip['config']) => ({ layers: [vision.layers], projectPatches });
      const clip = open.get(kind) ?? openClip(options, { nativeFeatures });
      open.set(kind, clip);
      return clip;
    },
    async dispose() {
      for (const clip of open.values()) await (await clip).dispose();
    },
  };
}

function notesOf({ data, clip }: WinclipOptions): string[] {
  const references = 'References are drawn without replacement, and fewer shots are among the more.';
  if (data !== undefined && clip !== undefined) return [references];
  return [
    references,
    'The prototype CLIP has 0.74 million parameters and 8 × 8 patches: these numbers show that everything works together, and cannot be compared with published ones.',
  ];
}

await main(parseOptions(), abortOnInterrupt()).catch(reportError);
