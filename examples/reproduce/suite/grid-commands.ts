import { WorkerLost } from '../../shared/worker-process.js';
import { type Cell, cellKey, describeCell } from '../driver/cell.js';
import type { StudyContext } from '../driver/reproduction.js';
import { readResults } from '../driver/results-file.js';
import { type CellContext, type ExecutedCells, executeCells } from '../driver/run-cells.js';
import { type CellQueue, connectRedis, openCellQueue, type QueueOptions, submitCells } from './cell-queue.js';
import { collectCells } from './collect-cells.js';
import { type Grid, readGrid } from './grid.js';
import { type PlannedGrid, planGrid } from './plan-grid.js';
import { reportGrid } from './report-grid.js';
import { createWorkerPool } from './worker-pool.js';

/** Options of all commands that read a grid; those of the scripts replace the grid's. */
export interface GridCommandOptions {
  readonly output?: string;
  readonly data?: string;
  readonly clip?: string;
  readonly classes?: string;
  readonly seeds?: string;
  readonly backend?: string;
  readonly native?: true;
}

export interface RunOptions extends GridCommandOptions {
  readonly workers: number;
  readonly fresh: boolean;
  readonly dryRun: boolean;
}

export type QueueCommandOptions = GridCommandOptions & QueueOptions;

/** On this machine: runs the cells that have no result yet, and reports all. */
export async function run(name: string, options: RunOptions, context: StudyContext): Promise<void> {
  const { grid, output } = await openGrid(name, options);
  const plan = await planGrid(grid, output, context);
  const pool = createWorkerPool(output);
  const stop = () => pool.close();
  context.signal.addEventListener('abort', stop);
  try {
    const { workers, fresh, dryRun } = options;
    const execute = (cell: Cell, of: CellContext) => untilKept(() => pool.run(plan.jobOf(cell), of));
    const how = { output, resume: !fresh, dryRun, concurrency: workers, ...context };
    const executed = await executeCells(plan.cells, execute, how);
    if (!dryRun) await conclude(output, grid, plan, executed);
  } finally {
    stop();
    await plan.dispose();
  }
}

/** Hands the open cells to workers. */
export function submit(name: string, options: QueueCommandOptions, context: StudyContext): Promise<void> {
  return withQueue(name, options, context, async ({ queue, plan, output }) => {
    const known = new Set((await readResults(output)).map(({ key }) => key));
    const open = plan.cells.filter((cell) => !known.has(cellKey(cell)));
    await submitCells(queue, open.map(plan.jobOf));
    context.progress.line(`${open.length} cells submitted to ${options.queue}`);
  });
}

/** Submits what is open, waits for the workers, and reports. */
export function collect(
  name: string,
  options: QueueCommandOptions & { readonly fresh: boolean },
  context: StudyContext,
): Promise<void> {
  return withQueue(name, options, context, async ({ queue, grid, plan, output }) => {
    const { fresh } = options;
    const executed = await collectCells(queue, plan.cells, plan.jobOf, { output, fresh, ...context });
    await conclude(output, grid, plan, executed);
  });
}

/** Says what is done, at work, and waiting. */
export function status(name: string, options: QueueCommandOptions, context: StudyContext): Promise<void> {
  return withQueue(name, options, context, async ({ queue, plan, output }) => {
    const known = new Set((await readResults(output)).map(({ key }) => key));
    const done = plan.cells.filter((cell) => known.has(cellKey(cell))).length;
    const counts = Object.entries(await queue.getJobCounts());
    console.log(`${done} of ${plan.cells.length} cells are in the results`);
    console.log(counts.map(([state, count]) => `${count} ${state}`).join(', '));
  });
}

/** A process that ends takes no cell with it: the cell is tried twice more. */
async function untilKept<T>(attempt: () => Promise<T>, attempts = 3): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof WorkerLost) || attempts === 1) throw error;
    return untilKept(attempt, attempts - 1);
  }
}

interface OpenedQueue {
  readonly queue: CellQueue;
  readonly grid: Grid;
  readonly plan: PlannedGrid;
  readonly output: string;
}

async function withQueue(
  name: string,
  options: GridCommandOptions & QueueOptions,
  context: StudyContext,
  act: (opened: OpenedQueue) => Promise<void>,
): Promise<void> {
  const { grid, output } = await openGrid(name, options);
  const plan = await planGrid(grid, output, context);
  const connection = await connectRedis(options, context.progress);
  const stop = () => connection.disconnect(); // else a command may wait for a server that never comes
  context.signal.addEventListener('abort', stop);
  const queue = await openCellQueue(connection, options);
  try {
    await act({ queue, grid, plan, output }).catch((error: unknown) => {
      context.signal.throwIfAborted();
      throw error;
    });
  } finally {
    if (!context.signal.aborted) await queue.close();
    connection.disconnect();
    await plan.dispose();
  }
}

async function openGrid(
  name: string,
  options: GridCommandOptions,
): Promise<{ readonly grid: Grid; readonly output: string }> {
  const { data, clip, classes, seeds, backend, native } = options;
  const given = { data, clip, classes, seeds, backend, native };
  const overrides = Object.entries(given).flatMap(([option, value]) =>
    value === undefined ? [] : [[option, value] as const],
  );
  const grid = await readGrid(name, Object.fromEntries(overrides));
  return { grid, output: options.output ?? `output/reproduce/suite-${grid.name}` };
}

/** Reports what there is; cells that failed make the program fail too. */
async function conclude(
  output: string,
  grid: Grid,
  plan: PlannedGrid,
  { finished, failed }: ExecutedCells,
): Promise<void> {
  if (finished.length > 0) await reportGrid(output, grid, plan, finished);
  for (const { cell, error } of failed) {
    console.error(
      `failed: ${describeCell(cell, plan.cells)}: ${error instanceof Error ? error.message : error}`,
    );
  }
  if (failed.length > 0) process.exitCode = 1;
}
