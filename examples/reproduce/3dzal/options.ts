import { AnomclipError } from '@anomclip/core';
import {
  type PartialThreeDzalConfig,
  type ThreeDzalPreset,
  threeDzalConfig,
  threeDzalPresets,
} from '@anomclip/methods/three-dzal';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseCount, parseList } from '../../shared/parse-options.js';
import { type CommonOptions, commonCommand } from '../driver/options.js';
import { type Method, methods } from './methods.js';

/** Which classes other than the training class donate pseudo anomalies. */
const irrelevantSets = ['leave-test-out', 'leave-tests-out', 'all-but-train'] as const;

/** What `3dzal.ts` is told on the command line. */
export interface ThreeDzalOptions extends CommonOptions {
  /** Classes that are learned from; several are pooled. Absent: every class. */
  readonly train?: readonly (readonly string[])[];
  /** Classes that are tested. Absent: all. */
  readonly test?: readonly string[];
  /** Absent: BTF and the whole. */
  readonly methods?: readonly Method[];
  readonly ablation: boolean;
  /** Absent: `paper` with `--data`, else `fast`. */
  readonly preset?: ThreeDzalPreset;
  readonly irrelevantSet: (typeof irrelevantSets)[number];
  readonly trainSamples?: number;
  readonly testSamples?: number;
  readonly epochs?: number;
  readonly testsetMinmax: boolean;
  /** Files of torchvision's weights. */
  readonly colours?: string;
  readonly attention?: string;
  readonly config: PartialThreeDzalConfig;
}

export function command(): Command {
  return commonCommand(
    '3dzal',
    'Learns 3DzAL from normal scans of one class, tests it on others, beside BTF, and compares with the paper.',
    { clip: false, native: 'train and search the memory bank with onnxruntime-node' },
  )
    .option('--train <a,b+c>', 'classes to learn from, each alone; + pools several (all)', parseTrain)
    .option('--test <a,b>', 'classes to test on (all)', parseList)
    .option('--methods <a;b>', `some of ${Object.keys(methods).join('; ')}`, parseMethods)
    .option('--ablation', 'the rows of Table 3, and those without one of the losses', false)
    .addOption(
      new Option('--preset <name>', 'paper with --data, else fast').choices(Object.keys(threeDzalPresets)),
    )
    .addOption(
      new Option('--irrelevant-set <name>', 'classes that donate pseudo anomalies, see docs/reproduce.md')
        .choices(irrelevantSets)
        .default('leave-test-out'),
    )
    .option('--train-samples <n>', 'at most so many scans per class that is learned from', parseCount)
    .option('--test-samples <n>', 'at most so many per class', parseCount)
    .option('--epochs <n>', 'of training (5)', parseCount)
    .option('--testset-minmax', 'scale both scores by the whole test set: transductive', false)
    .option('--colours <file>', "ImageNet's Wide ResNet-50-2; without it there are no colour features")
    .option('--attention <file>', 'ResNet-50 that finds what donors give; without it a random one')
    .option('--config <json>', `other options, e.g. '{"coresetRatio":0.05}'`, parseConfig, {});
}

function parseTrain(text: string): string[][] {
  return parseList(text).map((names) => {
    const classes = names.split('+').map((name) => name.trim());
    if (classes.includes('')) throw new InvalidArgumentError('Give classes, e.g. bagel,bagel+rope.');
    return classes;
  });
}

function parseMethods(text: string): Method[] {
  return text.split(';').map((name) => {
    const wanted = name.trim().toLowerCase();
    const method = (Object.keys(methods) as Method[]).find((known) => known.toLowerCase() === wanted);
    if (!method) throw new InvalidArgumentError(`Give some of ${Object.keys(methods).join('; ')}.`);
    return method;
  });
}

/** Checked here, so that a slip of the pen ends the program before any work. */
function parseConfig(text: string): PartialThreeDzalConfig {
  try {
    const given = JSON.parse(text) as PartialThreeDzalConfig;
    threeDzalConfig(given);
    return given;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof AnomclipError)) throw error;
    throw new InvalidArgumentError(error.message);
  }
}
