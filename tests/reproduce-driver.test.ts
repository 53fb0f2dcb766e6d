import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Cell, cellKey } from '../examples/reproduce/driver/cell.js';
import { paperRow, readPaper } from '../examples/reproduce/driver/paper.js';
import { readResults } from '../examples/reproduce/driver/results-file.js';
import { type RunCell, runCells } from '../examples/reproduce/driver/run-cells.js';
import { summarise } from '../examples/reproduce/driver/summarise.js';

let output: string;
beforeEach(() => {
  output = mkdtempSync(join(tmpdir(), 'anomclip-cells-'));
});
afterEach(() => rmSync(output, { recursive: true, force: true }));

const progress = { step: () => {}, line: () => {} };
const cellOf = (className: string, seed: number): Cell => ({
  method: 'M',
  dataset: 'd',
  classes: [className],
  seed,
  options: { rate: 0.1, views: 9 },
});
const cells = [cellOf('rope', 1), cellOf('tire', 1), cellOf('rope', 2), cellOf('tire', 2)];
const values: Record<string, number> = { rope1: 0.5, tire1: 0.7, rope2: 0.7, tire2: 1 };
const measure: RunCell = async ({ classes: [className], seed }) => ({
  measurements: [{ className, metrics: { 'I-AUROC': values[className + seed], AUPRO: Number.NaN } }],
});

test('the key of a cell is the same in whatever order its options are given, and of no other cell', () => {
  const [first, second] = cells;
  expect(cellKey({ ...first, options: { views: 9, rate: 0.1 } })).toBe(cellKey(first));
  expect(cellKey(second)).not.toBe(cellKey(first));
  expect(cellKey({ ...first, options: { ...first.options, views: 3 } })).not.toBe(cellKey(first));
  expect(cellKey({ ...first, k: 1 })).not.toBe(cellKey(first));
});

test('a run that fails goes on with the failed cell, and no cell is run or counted twice', async () => {
  const ran: string[] = [];
  const failing: RunCell = async (cell, context) => {
    if (ran.length === 2) throw new Error('power cut');
    ran.push(cellKey(cell));
    return measure(cell, context);
  };
  await expect(runCells(cells, failing, { output, progress })).rejects.toThrow('power cut');
  appendFileSync(join(output, 'results.jsonl'), '{"key":"half a li'); // what a kill in the middle of a write leaves
  expect(await readResults(output)).toHaveLength(2);

  const rest: string[] = [];
  const finished = await runCells(
    cells,
    async (cell, context) => {
      rest.push(cellKey(cell));
      return measure(cell, context);
    },
    { output, progress },
  );
  expect(rest).toEqual(cells.slice(2).map(cellKey));
  expect(finished.map(({ key }) => key)).toEqual(cells.map(cellKey));
  const lines = readFileSync(join(output, 'results.jsonl'), 'utf8').split('\n');
  expect(lines.filter(Boolean).map((line) => JSON.parse(line).key)).toEqual(cells.map(cellKey));
});

test('an aborted run keeps what is finished and leaves nothing of the running cell', async () => {
  const controller = new AbortController();
  const aborting: RunCell = async (cell, context) => {
    if (cell.seed === 2) controller.abort(new Error('stopped'));
    return measure(cell, context);
  };
  await expect(runCells(cells, aborting, { output, progress, signal: controller.signal })).rejects.toThrow(
    'stopped',
  );
  expect((await readResults(output)).map(({ cell }) => cell)).toEqual(cells.slice(0, 2));
});

test('a dry run lists the cells and runs none; a fresh run forgets the earlier results', async () => {
  const printed: string[] = [];
  const listing = { ...progress, line: (text: string) => void printed.push(text) };
  await runCells(cells.slice(0, 1), measure, { output, progress });
  const never: RunCell = async () => expect.unreachable();
  expect(await runCells(cells, never, { output, progress: listing, dryRun: true })).toHaveLength(1);
  expect(printed.filter((line) => line.startsWith('to do'))).toHaveLength(3);
  expect(printed.filter((line) => line.startsWith('done'))).toHaveLength(1);
  await runCells(cells.slice(1, 2), measure, { output, progress, resume: false });
  expect((await readResults(output)).map(({ cell }) => cell)).toEqual([cells[1]]);
});

test('the same cell twice is refused', async () => {
  await expect(runCells([cells[0], cells[0]], measure, { output, progress })).rejects.toThrow(
    'different cells',
  );
});

test('a file that holds anything else than finished cells is refused', async () => {
  appendFileSync(join(output, 'results.jsonl'), 'not ours\n');
  await expect(runCells(cells, measure, { output, progress })).rejects.toThrow('line 1');
});

test('classes are averaged over seeds, then over each other; the deviation of the mean is that of the runs', async () => {
  const [table, undefinedTable] = summarise(await runCells(cells, measure, { output, progress }));
  expect(table).toMatchObject({ dataset: 'd', metric: 'I-AUROC', classNames: ['rope', 'tire'] });
  const [{ name, classes, mean }] = table.rows;
  expect(name).toBe('M');
  expect(classes.rope.mean).toBeCloseTo(0.6, 12);
  expect(classes.rope.deviation).toBeCloseTo(Math.SQRT2 / 10, 12);
  expect(mean.mean).toBeCloseTo(0.725, 12);
  expect(mean.deviation).toBeCloseTo(0.25 / Math.SQRT2, 12); // run means 0.6 and 0.85
  expect(undefinedTable.rows[0].mean.mean, 'NaN survives the file').toBeNaN();
});

test("the papers' means are those of their classes, but for what is marked as doubtful", async () => {
  const paper = await readPaper('pointad');
  const query = { dataset: 'mvtec3d', setting: 'one-vs-rest', part: 'points', metric: 'I-AUROC' };
  const row = paperRow(paper, { ...query, method: 'PointAD' });
  expect(row?.tables).toContain('Table 18');
  const { mean, ...classes } = row?.values ?? {};
  const average = Object.values(classes).reduce<number>((sum, value) => sum + Number(value), 0) / 10;
  expect(mean).toBe(82);
  expect(average).toBeCloseTo(82, 1);
  const withImage = paperRow(paper, { ...query, part: 'points + RGB', method: 'PointAD' });
  expect(withImage?.doubtful).toContain('dowel');
  expect(paperRow(paper, { ...query, method: 'nobody' })).toBeUndefined();
});
