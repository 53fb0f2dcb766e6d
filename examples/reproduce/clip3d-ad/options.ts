import { AnomclipError } from '@anomclip/core';
import { clip3dConfig, type PartialClip3dConfig } from '@anomclip/methods/clip3d-ad';
import { type Command, InvalidArgumentError } from 'commander';
import { parseCount, parseCounts, parseList } from '../../shared/parse-options.js';
import { type CommonOptions, commonCommand } from '../driver/options.js';

/** Rows of the tables: the method, its ablation of Table 5, and the zero-shot baseline. */
const methods = ['CLIP-AC', 'CLIP3D-AD without views', 'CLIP3D-AD'] as const;

export type Method = (typeof methods)[number];

/** What `clip3d-ad.ts` is told on the command line. */
export interface Clip3dOptions extends CommonOptions {
  /** Absent: 1, 2 and 4, with `--small` 1. */
  readonly shots?: readonly number[];
  readonly methods: readonly Method[];
  readonly epochs?: number;
  readonly testSamples?: number;
  /** Rows of the ablation; absent: the views of the configuration. */
  readonly viewSets?: readonly (readonly number[])[];
  readonly config: PartialClip3dConfig;
}

export function command(): Command {
  return commonCommand(
    'clip3d-ad',
    'Learns CLIP3D-AD from a few normal scans per class, scores the test split, and compares with the paper.',
  )
    .option('--shots <1,2,4>', 'normal scans per class', parseCounts)
    .option('--methods <a,b>', `some of ${methods.join(', ')}`, parseMethods, [...methods])
    .option('--epochs <n>', 'of training (100)', parseCount)
    .option('--test-samples <n>', 'at most so many per class', parseCount)
    .option(
      '--view-sets <a;b>',
      'rows with other views, each a list of numbers from 1 to 27, e.g. "5;5,9,14,19,27"',
      parseViewSets,
    )
    .option('--config <json>', `other options, e.g. '{"rotation":"xyz","layers":[12]}'`, parseConfig, {});
}

function parseMethods(text: string): Method[] {
  return parseList(text).map((name) => {
    const method = methods.find((known) => known.toLowerCase() === name.toLowerCase());
    if (!method) throw new InvalidArgumentError(`Give some of ${methods.join(', ')}.`);
    return method;
  });
}

function parseViewSets(text: string): number[][] {
  const sets = text.split(';').map(parseCounts);
  for (const views of sets) {
    try {
      clip3dConfig({ views });
    } catch (error) {
      if (error instanceof AnomclipError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  }
  return sets;
}

/** Checked here, so that a slip of the pen ends the program before any work. */
function parseConfig(text: string): PartialClip3dConfig {
  try {
    const given = JSON.parse(text) as PartialClip3dConfig;
    clip3dConfig(given);
    return given;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof AnomclipError)) throw error;
    throw new InvalidArgumentError(error.message);
  }
}
