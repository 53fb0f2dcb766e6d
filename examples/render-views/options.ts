import type { ViewSchedule } from '@anomclip/pointcloud/views';
import { Command, Option } from 'commander';
import { parseCount } from '../shared/parse-options.js';

/** What the command line asks for. */
export interface RenderOptions {
  readonly out: string;
  readonly schedule: ViewSchedule;
  /** Views of `circularX`. */
  readonly views?: number;
  readonly size: number;
  /** Absent: 8 pixels, more where points are sparse. */
  readonly pointSize?: number;
  readonly colouring: 'shaded' | 'colours' | 'shadedColours';
  readonly cameraFrame: boolean;
  readonly flat: boolean;
  readonly points: boolean;
}

/** Reads the command line. A wrong argument ends the program with one line that says what to do. */
export function parseOptions(argv: readonly string[]): { file: string; options: RenderOptions } {
  const program = new Command('render-views')
    .description('Renders a cloud or a mesh from several sides, and counts the views that see each point.')
    .argument('<file>', 'PLY, PCD, OBJ, NPY, NPZ, XYZ TIFF or text')
    .option('--out <folder>', 'where sheet.png and visibility.ply are written', 'output/render-views')
    .addOption(
      new Option('--schedule <name>', 'from which sides')
        .choices(['circularX', 'tiltMvtec9', 'tiltEyecandies9', 'grid27'])
        .default('circularX'),
    )
    .option('--views <n>', 'number of views of circularX (default: 9)', parseCount)
    .option('--size <pixels>', 'side of each picture', parseCount, 336)
    .option(
      '--point-size <pixels>',
      'of a window of 1024 (default: 8, more where points are sparse)',
      parseCount,
    )
    .addOption(
      new Option('--colouring <name>', 'what the pictures show')
        .choices(['shaded', 'colours', 'shadedColours'])
        .default('shaded'),
    )
    .option('--camera-frame', "the file has a depth camera's axes: y down, z forward", false)
    .option('--flat', 'shade the triangles of a mesh flat', false)
    .option('--points', 'draw the vertices of a mesh instead of its triangles', false)
    .allowExcessArguments(false)
    .showHelpAfterError('(--help lists the options)')
    .parse(argv);
  return { file: program.args[0], options: program.opts<RenderOptions>() };
}
