import { createProgress } from '../../shared/progress.js';
import { reportError } from '../../shared/report-error.js';
import { type CommonOptions, parseCommand } from './options.js';
import type { Reproduction } from './reproduction.js';
import { abortOnInterrupt, runCells } from './run-cells.js';
import { writeReports } from './write-reports.js';

/** What a script does: plan its cells, run those that have no result yet, report all. */
export async function runReproduction<Options extends CommonOptions>(
  reproduction: Reproduction<Options>,
): Promise<void> {
  const options = parseCommand<Options>(reproduction.command());
  const [progress, signal] = [createProgress(), abortOnInterrupt()];
  const { output, fresh, dryRun } = options;
  try {
    const study = await reproduction.open(options, { progress, signal });
    try {
      const run = { output, resume: !fresh, dryRun, signal, progress };
      const finished = await runCells(study.cells, (cell, context) => study.runCell(cell, context), run);
      if (dryRun) return;
      const settings = await study.report(finished);
      await writeReports(output, settings.title, [{ name: reproduction.name, finished, ...settings }]);
    } finally {
      await study.dispose();
    }
  } catch (error) {
    reportError(error);
  }
}
