import type { FsacDataset, FsacPreset, PartialFsacConfig } from '@anomclip/methods/clip-fsac-pp';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseCount, parseCounts, parseList } from '../../shared/parse-options.js';
import { type CommonOptions, commonCommand } from '../driver/options.js';

/** What the ablations change (Tables V and VI, and the comparison of optimisers). */
export const variants = {
  full: {},
  'TF off, VT off': { useTF: false, useVT: false },
  'TF on, VT off': { useVT: false },
  'TF off, VT on': { useTF: false },
  'contrastive only': { useCrossEntropy: false },
  'cross-entropy only': { useContrastive: false },
  AdamW: { optimizer: { kind: 'adamW' } },
  SGD: { optimizer: { kind: 'sgd' } },
} as const satisfies Record<string, PartialFsacConfig>;

export type Variant = keyof typeof variants;

/** What `clip-fsac-pp.ts` is told on the command line. */
export interface FsacOptions extends CommonOptions {
  /** The offline benchmark, not the categories that the small CLIP has not seen. */
  readonly benchmark: boolean;
  readonly shots?: readonly number[];
  readonly variants: readonly Variant[];
  readonly preset: FsacPreset;
  readonly settings?: FsacDataset;
  readonly synthesis?: 'random-perturbation' | 'nsa';
  readonly epochs?: number;
  readonly testSamples?: number;
  readonly releasedEvaluation: boolean;
}

export function command(): Command {
  return commonCommand(
    'clip-fsac-pp',
    'Trains CLIP-FSAC++ on a few normal images of each class, beside zero-shot CLIP. Without --data and --clip: the eight categories that the small CLIP has not seen.',
  )
    .option(
      '--benchmark',
      'without --data: the offline benchmark, not the categories that the small CLIP has not seen',
      false,
    )
    .option('--shots <1,2>', 'normal images per class (1,2,4)', parseCounts)
    .option('--variants <a;b>', `some of ${Object.keys(variants).join('; ')}`, parseVariants, ['full'])
    .addOption(new Option('--preset <name>').choices(['paper', 'reference-code']).default('paper'))
    .addOption(
      new Option('--settings <name>', 'ratios and synthesis (default: those of the data set)').choices([
        'mvtec-ad',
        'visa',
        'own',
      ]),
    )
    .addOption(
      new Option('--synthesis <name>', 'of anomalies (default: that of the settings)').choices([
        'random-perturbation',
        'nsa',
      ]),
    )
    .option('--epochs <n>', 'of training (100)', parseCount)
    .option('--test-samples <n>', 'at most so many per class', parseCount)
    .option(
      '--released-evaluation',
      'score as the released program does besides: what comes out depends on the order of test images and is no result',
      false,
    );
}

function parseVariants(text: string): Variant[] {
  return text.split(';').map((each) => {
    const name = parseList(each).join(', ');
    if (!Object.hasOwn(variants, name)) {
      throw new InvalidArgumentError(`Give some of ${Object.keys(variants).join('; ')}.`);
    }
    return name as Variant;
  });
}
