import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AnomclipError } from '@anomclip/core';
import { type Dataset, openMvtec3d, writeOfflineBenchmark } from '@anomclip/datasets';
import { formatPercent } from '@anomclip/metrics';
import { createProgress, type Progress } from '../shared/progress.js';
import { evaluateAll } from './evaluate-all.js';
import { parseOptions, type QuickstartOptions } from './options.js';
import { renderReport } from './report.js';
import type { CategoryResult } from './results.js';
import { renderTable } from './table.js';

const benchmarkFolder = 'output/offline-benchmark';

/** From scans on disk to a scored table and a report. */
async function main(options: QuickstartOptions, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  const progress = createProgress();
  const dataset = await openData(options, progress, signal);

  const { trainScans, testScans, seed, workers } = options;
  const jobs = dataset.classes.map((className) => ({
    root: dataset.root,
    className,
    options: { trainScans, testScans, seed },
  }));
  const categories = await evaluateAll(
    jobs,
    workers,
    {
      onStep: (className, step) => progress.step(`${className}: ${step}`),
      onResult: ({ className, scans, imageAuroc, pixelAuroc }) =>
        progress.line(
          `${className}: ${scans.length} scans, I-AUROC ${formatPercent(imageAuroc)}, P-AUROC ${formatPercent(pixelAuroc)}`,
        ),
    },
    signal,
  );
  const wallSeconds = (performance.now() - start) / 1000;

  console.log(`\n${renderTable(categories)}\n`);
  const title = `BTF (FPFH) on ${options.data ? dataset.root : 'the offline benchmark'}`;
  const settings = await describeRun(options, dataset, categories);
  const reportFile = resolve(options.out, 'report.html');
  await mkdir(options.out, { recursive: true });
  await writeFile(reportFile, renderReport({ title, settings, categories, wallSeconds }));
  console.log(`Report: ${pathToFileURL(reportFile)}`);
}

async function openData(
  options: QuickstartOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Dataset> {
  const { data, categories, seed } = options;
  if (data === undefined) {
    progress.line(`Offline benchmark: ${resolve(benchmarkFolder)}`);
    await writeOfflineBenchmark(benchmarkFolder, seed, {
      existing: 'update',
      signal,
      onProgress: ({ done, total }) => progress.step(`writing scan ${done} of ${total}`),
    });
  }
  const dataset = await openMvtec3d(data ?? benchmarkFolder, { classes: categories });
  progress.line(dataset.describe());
  return dataset;
}

async function describeRun(
  options: QuickstartOptions,
  dataset: Dataset,
  categories: readonly CategoryResult[],
): Promise<(readonly [name: string, value: string])[]> {
  const { trainScans, testScans, seed, workers } = options;
  const methods = new URL('../../packages/methods/package.json', import.meta.url);
  const { version } = JSON.parse(await readFile(methods, 'utf8')) as { version: string };
  const [cpu] = cpus();
  const peak = Math.max(...categories.map(({ peakMemoryBytes }) => peakMemoryBytes));
  return [
    [
      'method',
      'BTF, modality fpfh: support plane and small clusters removed, FPFH on 224 x 224 points, coreset of 10 %',
    ],
    ['data', dataset.root],
    ['training', `${trainScans} normal scans per category`],
    ['test', testScans === undefined ? 'the whole test split' : `at most ${testScans} scans per category`],
    ['seed', String(seed)],
    ['AUPRO', 'mode mvtec3d, false positive rate up to 0.3, 100 thresholds, 8-connected regions'],
    ['versions', `@anomclip ${version}, Node ${process.version}`],
    [
      'machine',
      `${cpu?.model ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB`,
    ],
    [
      'processes',
      `at most ${workers} at the same time, each with at most ${Math.round(peak / 2 ** 20)} MB of memory`,
    ],
    ['date', new Date().toISOString()],
  ];
}

const options = parseOptions(process.argv);
const controller = new AbortController();
process.once('SIGINT', () => controller.abort(new AnomclipError('stopped')));
try {
  await main(options, controller.signal);
} catch (error) {
  // Our own errors say what to do; anything else is a bug and wants its stack.
  console.error(error instanceof AnomclipError ? `\nerror: ${error.message}` : error);
  process.exitCode = 1;
}
