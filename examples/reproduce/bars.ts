import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeAtomically } from '@anomclip/core/node';
import { Command } from 'commander';
import { parseCount } from '../shared/parse-options.js';
import { createProgress } from '../shared/progress.js';
import { reportError } from '../shared/report-error.js';
import { clipSource } from './driver/open-clip.js';
import { commandLine } from './driver/options.js';
import { abortOnInterrupt } from './driver/run-cells.js';
import { type BarRow, barsTable, compareBars } from './suite/compare-bars.js';
import { run } from './suite/grid-commands.js';
import { defaultWorkers } from './suite/worker-pool.js';

const recordFile = fileURLToPath(new URL('grids/bars.recorded.json', import.meta.url));

/** What `--record` writes. */
interface RecordedBars {
  /** Why the values are other ones than before. */
  readonly reason: string;
  readonly clip: string;
  readonly rows: readonly BarRow[];
}

interface BarsOptions {
  readonly record?: string;
  readonly workers: number;
}

/** Runs the grid of the bars and fails where a method has become worse, or better without a word. */
async function main({ record, workers }: BarsOptions): Promise<void> {
  const output = 'output/reproduce/bars';
  await rm(output, { recursive: true, force: true }); // detectors and features of another version too
  const context = { progress: createProgress(), signal: abortOnInterrupt() };
  await run('bars', { output, workers, fresh: true, dryRun: false }, context);
  if (process.exitCode) return; // a cell failed, and it was said
  const measured = await readRows(join(output, 'summary.json'));
  const clip = clipSource(undefined);

  if (record !== undefined) {
    const content: RecordedBars = { reason: record, clip, rows: measured };
    await writeAtomically(recordFile, `${JSON.stringify(content, null, 2)}\n`);
    console.log(`\nRecorded: ${recordFile}`);
    return;
  }
  const recorded = JSON.parse(await readFile(recordFile, 'utf8')) as RecordedBars;
  const bars = compareBars(recorded.rows, measured);
  console.log(`\n${barsTable(bars)}\n`);
  const failed = bars.filter(({ verdict }) => verdict !== 'ok').length;
  if (failed === 0) {
    console.log(`${bars.length} means are where they were recorded: ${recorded.reason}`);
    return;
  }
  if (clip !== recorded.clip) console.error(`recorded with ${recorded.clip}, measured with ${clip}`);
  console.error(
    `${failed} of ${bars.length} means are not where they were recorded; where that is wanted: pnpm bars --record "<why>"`,
  );
  process.exitCode = 1;
}

/** The overview of a summary, to five digits, without what is undefined. */
async function readRows(path: string): Promise<BarRow[]> {
  const { overview } = JSON.parse(await readFile(path, 'utf8')) as {
    readonly overview: readonly { name: string; means: { [metric: string]: JsonEstimate } }[];
  };
  const round = (value: number) => Number(value.toFixed(5));
  return overview.map(({ name, means }) => ({
    name,
    means: Object.fromEntries(
      Object.entries(means).flatMap(([metric, { mean, deviation }]) =>
        mean === null
          ? []
          : [[metric, { mean: round(mean), deviation: deviation && round(deviation) }] as const],
      ),
    ),
  }));
}

/** JSON has no NaN. */
interface JsonEstimate {
  readonly mean: number | null;
  readonly deviation: number | null;
}

const command = new Command('bars')
  .description('Measures every method on a small fixed grid and compares the means with recorded ones.')
  .option('--record <why>', 'write down what is measured, with the reason, instead of comparing')
  .option('--workers <n>', 'processes', parseCount, defaultWorkers())
  .allowExcessArguments(false)
  .showHelpAfterError('(--help lists the options)');
await main(command.parse(commandLine(), { from: 'user' }).opts<BarsOptions>()).catch(reportError);
