import { type Cell, type CellOptions, cellKey, type Evidence } from './cell.js';
import { environment } from './environment.js';
import type { FinishedCell } from './results-file.js';
import type { CellContext, RunCell } from './run-cells.js';

/** A finished cell as it travels from where it ran to where results are kept. */
export interface CellOutcome {
  readonly finished: FinishedCell;
  readonly evidence?: readonly Evidence[];
}

/**
 * Runs a cell and says how long it took and where.
 *
 * @throws The signal's reason; what the cell throws.
 */
export async function finishCell<Options extends CellOptions>(
  cell: Cell<Options>,
  runCell: RunCell<Options>,
  context: CellContext,
): Promise<CellOutcome> {
  const start = performance.now();
  const { measurements, details = {}, evidence } = await runCell(cell, context);
  context.signal.throwIfAborted();
  const seconds = (performance.now() - start) / 1000;
  return {
    finished: {
      key: cellKey(cell),
      cell,
      measurements,
      details,
      seconds: Number(seconds.toFixed(3)),
      finishedAt: new Date().toISOString(),
      environment: await environment(),
    },
    ...(evidence && { evidence }),
  };
}
