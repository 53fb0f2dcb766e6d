import type { Command } from 'commander';
import { parseCount } from '../../shared/parse-options.js';
import { type CommonOptions, commonCommand } from '../driver/options.js';

/** What `btf.ts` is told on the command line. */
export interface BtfOptions extends CommonOptions {
  readonly trainSamples?: number;
  readonly testSamples?: number;
  readonly size: number;
}

export function command(): Command {
  return commonCommand(
    'btf',
    'Learns BTF (FPFH) from normal scans of each class and scores the test split; needs no CLIP.',
  )
    .option('--train-samples <n>', 'normal scans per class (all)', parseCount)
    .option('--test-samples <n>', 'at most so many per class', parseCount)
    .option('--size <n>', 'side of the grid that features are computed on', parseCount, 224);
}
