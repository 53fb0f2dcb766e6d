import { Command } from 'commander';
import { parseSeed, parseWhole } from '../shared/parse-options.js';

/** What the command line asks for. */
export interface GalleryOptions {
  /** Side of a picture in pixels. */
  readonly size: number;
  /** At most this many normal images and clouds. */
  readonly columns: number;
  readonly seed: number;
  readonly out: string;
  /** Folder with `textures` (photographs) and `models` (meshes). */
  readonly data: string;
}

/** Reads the command line. A wrong argument ends the program with one line that says what to do. */
export function parseOptions(argv: readonly string[]): GalleryOptions {
  return new Command('synthesis-gallery')
    .description('Draws what every generator of @anomclip/synth does, as a page and as one picture.')
    .option('--size <n>', 'side of a picture in pixels, 48 to 512', parseSize, 160)
    .option('--columns <n>', 'at most this many normal images and clouds', parseColumns, 8)
    .option('--seed <n>', 'whole number that decides every random choice', parseSeed, 0)
    .option('--out <folder>', 'where the gallery is written', 'output/synthesis-gallery')
    .option('--data <folder>', 'folder with photographs in textures/ and meshes in models/', '../shared/data')
    .allowExcessArguments(false)
    .parse([...argv], { from: 'user' })
    .opts<GalleryOptions>();
}

function parseSize(value: string): number {
  return parseWhole(value, 48, 512);
}

function parseColumns(value: string): number {
  return parseWhole(value, 1, 100);
}
