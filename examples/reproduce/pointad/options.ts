import type { LossTerm, PointadPreset } from '@anomclip/methods/pointad';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseCount, parseList } from '../../shared/parse-options.js';
import { type CommonOptions, commonCommand } from '../driver/options.js';

/** Rows of the tables, as the paper calls them; untrained prompts are ours. */
const methods = ['CLIP+Rendering', 'untrained prompts', 'PointAD-CoOp', 'PointAD'] as const;

type Method = (typeof methods)[number];

/** What `pointad.ts` is told on the command line. */
export interface PointadOptions extends CommonOptions {
  readonly auxiliary?: readonly string[];
  readonly auxiliaryData?: string;
  readonly methods: readonly Method[];
  readonly preset: PointadPreset;
  readonly views?: number;
  readonly size?: number;
  readonly epochs?: number;
  readonly promptLength?: number;
  readonly losses?: readonly LossTerm[];
  readonly trainSamples?: number;
  readonly testSamples?: number;
  readonly blur: number;
  readonly density: number;
  readonly testBlur?: number;
  readonly testDensity?: number;
  readonly testAngleShift: number;
  readonly testDiffuse?: number;
  readonly testOcclusion: boolean;
  readonly checkSaved: boolean;
}

export function command(): Command {
  return commonCommand(
    'pointad',
    'Trains PointAD on one class, scores the others, and compares with the paper (NeurIPS 2024).',
  )
    .option('--auxiliary <a,b>', 'classes to learn on, a run each (default: those of the paper)', parseList)
    .option('--auxiliary-data <folder>', 'learn on classes of this dataset: the cross-dataset protocol')
    .option('--methods <a,b>', `some of ${methods.join(', ')}`, parseMethods, [...methods])
    .addOption(
      new Option('--preset <name>').choices(['recommended', 'released', 'paper']).default('recommended'),
    )
    .option('--views <n>', 'renderings per sample (9)', parseCount)
    .option('--size <n>', 'side of renderings and grid (336, for small models 96)', parseCount)
    .option('--epochs <n>', 'of training (15)', parseCount)
    .option('--prompt-length <n>', 'learnable vectors per prompt (12)', parseCount)
    .option('--losses <a,b>', 'only these terms (all four)', parseList)
    .option('--train-samples <n>', 'at most so many of the auxiliary class', parseCount)
    .option('--test-samples <n>', 'at most so many per class', parseCount)
    .option('--blur <sigma>', 'blur of the renderings in pixels, in training and test', parseNumber, 0)
    .option('--density <share>', 'of the points, farthest ones, in training and test', parseShare, 1)
    .option('--test-blur <sigma>', 'the same in test alone', parseNumber)
    .option('--test-density <share>', 'the same in test alone', parseShare)
    .option('--test-angle-shift <degrees>', 'added to every view in test', parseNumber, 0)
    .option('--test-diffuse <power>', 'of the light in test (0.66)', parseNumber)
    .option('--test-occlusion', 'remove what is hidden from one tilted view in test', false)
    .option('--check-saved', 'score again in another process from the saved detectors', false);
}

function parseMethods(text: string): Method[] {
  return parseList(text).map((name) => {
    const method = methods.find((known) => known.toLowerCase() === name.toLowerCase());
    if (!method) throw new InvalidArgumentError(`Give some of ${methods.join(', ')}.`);
    return method;
  });
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Give a number.');
  return value;
}

function parseShare(text: string): number {
  const value = parseNumber(text);
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('Give a share above 0 and up to 1.');
}
