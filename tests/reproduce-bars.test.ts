import { describe, expect, test } from 'vitest';
import {
  type BarRow,
  barsTable,
  compareBars,
  leastDeviation,
} from '../examples/reproduce/suite/compare-bars.js';
import { run } from './workspace.js';

describe('recorded means', () => {
  const row = (name: string, mean: number, deviation: number | null = null): BarRow => ({
    name,
    means: { AUPRO: { mean, deviation } },
  });
  const verdicts = (recorded: BarRow[], measured: BarRow[]) =>
    compareBars(recorded, measured).map(({ verdict }) => verdict);

  test('a mean may be two deviations from the recorded one, and no more in either direction', () => {
    const recorded = [row('A', 0.8, 0.04)];
    expect(verdicts(recorded, [row('A', 0.721)])).toEqual(['ok']);
    expect(verdicts(recorded, [row('A', 0.719)])).toEqual(['too low']);
    expect(verdicts(recorded, [row('A', 0.879)])).toEqual(['ok']);
    expect(verdicts(recorded, [row('A', 0.881)])).toEqual(['too high']);
  });

  test('the deviation of this run does not widen the bar', () => {
    expect(verdicts([row('A', 0.8, 0.02)], [row('A', 0.7, 0.2)])).toEqual(['too low']);
  });

  test.each([null, 0, 0.001])('a recorded deviation of %s counts as the least one', (deviation) => {
    const recorded = [row('A', 0.5, deviation)];
    expect(verdicts(recorded, [row('A', 0.5 + 1.9 * leastDeviation)])).toEqual(['ok']);
    expect(verdicts(recorded, [row('A', 0.5 + 2.1 * leastDeviation)])).toEqual(['too high']);
  });

  test('a row that is gone and one that is new are no success', () => {
    const bars = compareBars([row('A', 0.5)], [row('B', 0.5)]);
    expect(bars).toEqual([
      { row: 'A', metric: 'AUPRO', recorded: 0.5, tolerance: 2 * leastDeviation, verdict: 'not measured' },
      { row: 'B', metric: 'AUPRO', measured: 0.5, verdict: 'not recorded' },
    ]);
    expect(barsTable(bars).split('\n').slice(2)).toEqual([
      'A   AUPRO  50.0 ± 2.0         –  not measured',
      'B   AUPRO           –      50.0  not recorded',
    ]);
  });
});

test('every method is as good as it was recorded', async () => {
  const printed = await run('npx', ['tsx', '--tsconfig', 'tsconfig.base.json', 'examples/reproduce/bars.ts']);
  expect(printed).toMatch(/means are where they were recorded/);
});
