import { type Command, InvalidArgumentError } from 'commander';
import { parseCount, parseCounts, parseList } from '../../shared/parse-options.js';
import { type CommonOptions, commonCommand } from '../driver/options.js';

/** Rows of the tables. */
const methods = ['CLIP-AC', 'CLIP-AC + CPE', 'WinCLIP'] as const;

type Method = (typeof methods)[number];

/** What `winclip.ts` is told on the command line. */
export interface WinclipOptions extends CommonOptions {
  /** The offline benchmark, not the categories that the small CLIP has not seen. */
  readonly benchmark: boolean;
  readonly methods: readonly Method[];
  readonly shots: readonly number[];
  readonly testSamples?: number;
  readonly withReplacement: boolean;
}

export function command(): Command {
  return commonCommand(
    'winclip',
    'Scores images with WinCLIP, zero-shot and few-shot, beside CLIP-AC, and compares with published numbers.',
  )
    .option(
      '--benchmark',
      'without --data: the offline benchmark, not the categories that the small CLIP has not seen',
      false,
    )
    .option('--methods <a,b>', `some of ${methods.join(', ')}`, parseMethods, [...methods])
    .option(
      '--shots <1,2>',
      'references per class of WinCLIP, a run each beside zero-shot',
      parseCounts,
      [1, 2, 4],
    )
    .option('--test-samples <n>', 'at most so many per class', parseCount)
    .option(
      '--with-replacement',
      'draw references of a dataset as the re-implementation does: one may come twice',
      false,
    );
}

function parseMethods(text: string): Method[] {
  return parseList(text).map((name) => {
    const method = methods.find((known) => known === name);
    if (!method) throw new InvalidArgumentError(`Give some of ${methods.join(', ')}.`);
    return method;
  });
}
