import { AnomclipError } from '@anomclip/core';
import type { BackendName } from '@anomclip/core/backend';
import { Command, CommanderError, Option } from 'commander';
import { parseList, parseSeed } from '../../shared/parse-options.js';

/** What every reproduction script is told on the command line. */
export interface CommonOptions {
  /** Absent: the offline benchmark, which is written first. */
  readonly data?: string;
  /** Folder of a CLIP, or a repository of the hub. Absent: the small CLIP of this repository. */
  readonly clip?: string;
  /** Absent: all classes of the data. */
  readonly classes?: readonly string[];
  /** Absent: those of the script. */
  readonly seeds?: readonly number[];
  readonly backend: BackendName;
  readonly native: boolean;
  readonly small: boolean;
  readonly output: string;
  readonly fresh: boolean;
  readonly dryRun: boolean;
}

/**
 * A command with the options of all scripts, to which a script adds its own; {@link parseCommand} reads it.
 *
 * @param name - The script's file name; results go to `output/reproduce/<name>`.
 * @param native - What ONNX Runtime does where it is asked for.
 */
export function commonCommand(
  name: string,
  description: string,
  { clip = true, native = 'encode images and train with onnxruntime-node' } = {},
): Command {
  const command = new Command(name)
    .description(description)
    .option(
      '--data <folder>',
      'folder of the dataset (default: the offline benchmark, written on the first run)',
    );
  if (clip) {
    command.option(
      '--clip <folder or owner/name>',
      'folder of a CLIP, or a repository of the hub (default: the small one of this repository)',
    );
  }
  return command
    .option('--classes <a,b>', 'only these classes', parseList)
    .option('--seeds <n,m>', 'whole numbers; every seed is a run of its own', parseSeeds)
    .addOption(
      new Option('--backend <name>', 'of TensorFlow.js').choices(['cpu', 'wasm', 'webgpu']).default('wasm'),
    )
    .option('--native', native, false)
    .option('--small', 'the smallest run that shows everything', false)
    .option('--output <folder>', 'where results and report are written', `output/reproduce/${name}`)
    .option('--fresh', 'forget earlier results of this folder instead of going on', false)
    .option('--dry-run', 'list the cells and run none', false)
    .allowExcessArguments(false)
    .showHelpAfterError('(--help lists the options)');
}

/** Reads the command line. A wrong argument ends the program with one line that says what to do. */
export function parseCommand<Options extends CommonOptions>(command: Command): Options {
  return command.parse(commandLine(), { from: 'user' }).opts<Options>();
}

/**
 * {@link parseCommand} for arguments that nobody typed.
 *
 * @throws {@link AnomclipError} when they are wrong, instead of ending the program.
 */
export function parseArgs(command: Command, args: readonly string[]): CommonOptions {
  command.exitOverride().configureOutput({ writeErr: () => {} });
  try {
    return command.parse([...args], { from: 'user' }).opts<CommonOptions>();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new AnomclipError(`${command.name()}: ${error.message.replace(/^error: /, '')}`, { cause: error });
  }
}

/** What stands behind the name of the program. `pnpm suite -- --small` hands the dashes on. */
export function commandLine(): string[] {
  const given = process.argv.slice(2);
  return given[0] === '--' ? given.slice(1) : given;
}

function parseSeeds(text: string): number[] {
  return parseList(text).map(parseSeed);
}
