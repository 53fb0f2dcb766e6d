import { Command, InvalidArgumentError } from 'commander';

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
    .option('--columns <n>', 'at most this many normal images and clouds', parseCount, 8)
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

function parseCount(value: string): number {
  return parseWhole(value, 1, 100);
}

function parseSeed(value: string): number {
  return parseWhole(value, 0, Number.MAX_SAFE_INTEGER);
}

function parseWhole(value: string, least: number, most: number): number {
  const number = Number(value);
  if (value.trim() !== '' && Number.isSafeInteger(number) && number >= least && number <= most) return number;
  throw new InvalidArgumentError(`Expected a whole number, ${least} to ${most}.`);
}
