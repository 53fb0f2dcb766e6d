import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { parseCount, parseList, parseSeed, parseWhole } from '../shared/parse-options.js';

/** What the command line asks for. */
export interface QuickstartOptions {
  /** A folder in the layout of MVTec 3D-AD; absent: the offline benchmark, which is written first. */
  readonly data?: string;
  /** Absent: all categories of the folder. */
  readonly categories?: readonly string[];
  /** Normal scans per category to learn from. */
  readonly trainScans: number;
  /** Scans per category to be scored; absent: the whole test split. */
  readonly testScans?: number;
  readonly seed: number;
  readonly out: string;
  readonly workers: number;
}

/** Reads the command line. A wrong argument ends the program with one line that says what to do. */
export function parseOptions(argv: readonly string[]): QuickstartOptions {
  const workers = Math.min(4, availableParallelism());
  const program = new Command('pnpm quickstart')
    .description(
      'Learns a few normal scans per category, finds the anomalies in the others, and writes a report.',
    )
    .option(
      '--data <folder>',
      'folder of MVTec 3D-AD (default: the offline benchmark, written on the first run)',
    )
    .option('--categories <a,b>', 'only these categories', parseList)
    .option('--train-scans <n>', 'normal scans per category to learn from', parseCount, 5)
    .option(
      '--test-scans <n>',
      'scans per category to be scored (default: the whole test split)',
      parseTestCount,
    )
    .option('--seed <n>', 'whole number that decides every random choice', parseSeed, 0)
    .option('--out <folder>', 'where report.html is written', 'output/quickstart')
    .option('--workers <n>', 'categories evaluated at the same time', parseCount, workers)
    .allowExcessArguments(false)
    .showHelpAfterError('(--help lists the options)');
  // `pnpm quickstart -- --seed 1` hands the dashes on.
  const withoutDashes = argv[2] === '--' ? [...argv.slice(0, 2), ...argv.slice(3)] : argv;
  return program.parse(withoutDashes).opts<QuickstartOptions>();
}

function parseTestCount(text: string): number {
  try {
    return parseWhole(text, 2);
  } catch {
    throw new InvalidArgumentError(
      'Give a whole number of 2 or more: a normal and an anomalous scan are needed at least.',
    );
  }
}
