import type { Command } from 'commander';
import type { Progress } from '../../shared/progress.js';
import type { Cell, CellOptions, CellResult } from './cell.js';
import type { CommonOptions } from './options.js';
import type { ReportSettings } from './report-settings.js';
import type { FinishedCell } from './results-file.js';
import type { CellContext } from './run-cells.js';

/** A paper's experiment: what a script of this folder runs, and the suite beside others. */
export interface Reproduction<Options extends CommonOptions = CommonOptions> {
  /** File name of the script, and its name in grids. */
  readonly name: string;
  /** The command line, see `commonCommand`. */
  command(): Command;
  /** Opens the data, writing the offline benchmark first where none is given, and plans. Loads no model. */
  open(options: Options, context: StudyContext): Promise<Study>;
}

export interface StudyContext {
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** An experiment that is ready to run. */
export interface Study<Settings extends CellOptions = CellOptions> {
  /** Plain data; the same options give the same cells on every machine. */
  readonly cells: readonly Cell<Settings>[];
  /** Does the work of one of the cells. Models are loaded when the first cell needs them. Never writes to standard output. */
  runCell(cell: Cell<Settings>, context: CellContext): Promise<CellResult>;
  /** How the finished ones are shown. */
  report(finished: readonly FinishedCell[]): Promise<ReportSettings>;
  /** Frees what cells have loaded. */
  dispose(): Promise<void>;
}
