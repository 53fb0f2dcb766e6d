import { cpus } from 'node:os';
import { Command, Option } from 'commander';
import { parseCount, parseSeed, parseWhole } from '../shared/parse-options.js';

/** What the command line asks for. */
export interface Options {
  readonly seed: number;
  readonly steps: number;
  readonly batch: number;
  readonly pairs: number;
  readonly side: number;
  readonly width: number;
  readonly layers: number;
  readonly learningRate: number;
  readonly every: number;
  /** Whether gradients are computed by ONNX Runtime. */
  readonly native: boolean;
  readonly threads?: number;
  readonly backend: 'cpu' | 'wasm' | 'webgpu';
  readonly workers: number;
  readonly data: string;
  readonly out: string;
  /** Folder of a model that is only evaluated. */
  readonly evaluate?: string;
  /** Where only a picture of 40 pairs is written. */
  readonly sheet?: string;
}

/** Reads the command line. A wrong argument ends the program with one line that says what to do. */
export function parseOptions(argv: readonly string[]): Options {
  return new Command('pretrain-clip')
    .description(
      'Pretrains the small CLIP of this repository on pictures that it draws itself, and scores it.',
    )
    .option('--seed <n>', 'decides weights, captions and the order of pairs', parseSeed, 1)
    .option('--steps <n>', 'steps of the whole training', parseCount, 12000)
    .option('--batch <n>', 'images per step, half of them damaged', (text) => parseWhole(text, 2), 32)
    .option('--pairs <n>', 'pairs that are drawn; the same for every seed', parseCount, 32000)
    .option(
      '--side <n>',
      'side of the pictures in pixels, a multiple of 8',
      (text) => parseWhole(text, 16),
      80,
    )
    .option('--width <n>', 'width of the vision tower, a multiple of 32', (text) => parseWhole(text, 32), 96)
    .option('--layers <n>', 'blocks of the vision tower', (text) => parseWhole(text, 2), 4)
    .option('--learning-rate <x>', 'highest learning rate', Number, 1.2e-3)
    .option('--every <n>', 'steps between checkpoints and scores', parseCount, 500)
    .option('--no-native', 'gradients by TensorFlow.js, not by onnxruntime-node')
    .option('--threads <n>', 'threads of onnxruntime-node', parseCount)
    .addOption(
      new Option('--backend <name>', 'of TensorFlow.js').choices(['cpu', 'wasm', 'webgpu']).default('wasm'),
    )
    .option('--workers <n>', 'processes that draw', parseCount, cpus().length)
    .option('--data <folder>', 'where the pairs are kept', 'output/pretrain-clip/pairs')
    .option('--out <folder>', 'where the seed folders are written', 'output/pretrain-clip')
    .option('--evaluate <folder>', 'only score the model of this folder')
    .option('--sheet <file>', 'only draw 40 pairs into a PNG')
    .allowExcessArguments(false)
    .parse([...argv], { from: 'user' })
    .opts<Options>();
}
