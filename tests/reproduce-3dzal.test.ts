import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPaper } from '../examples/reproduce/driver/paper.js';
import { readResults } from '../examples/reproduce/driver/results-file.js';
import { run } from './workspace.js';

test('3DzAL learns from one class and finds defects on another, beside BTF, and goes on where it was', async () => {
  const output = mkdtempSync(join(tmpdir(), 'anomclip-3dzal-'));
  const script = (...more: string[]) =>
    run('pnpm', [
      ...['exec', 'tsx', '--tsconfig', 'tsconfig.base.json', 'examples/reproduce/3dzal.ts', '--small'],
      ...['--train', 'soap_bar', '--test', 'gasket', '--train-samples', '2', '--test-samples', '4'],
      ...[
        '--epochs',
        '1',
        '--config',
        '{"positivesPerStep":2,"donors":{"perClass":2}}',
        '--output',
        output,
        ...more,
      ],
    ]);
  try {
    await script('--native', '--methods', 'BTF');
    const printed = await script('--native');
    const results = await readResults(output);
    expect(results.map(({ cell }) => [cell.method, cell.classes, cell.options.donors])).toEqual([
      ['BTF', ['gasket'], []],
      ['3DzAL', ['gasket'], ['pretzel']],
    ]);
    const [btf, whole] = results.map(({ measurements }) => measurements[0]);
    expect(btf.part).toBe('trained on soap_bar');
    expect(whole.metrics['P-AUROC']).toBeGreaterThan(0.8);
    expect(results.map(({ details }) => details['training steps'])).toEqual([0, 2]);
    expect(results.map(({ details }) => details.branches)).toEqual([['fpfh'], ['fpfh', 'learned']]);
    expect(printed).toMatch(
      /^AUPRO, mean over the test classes, by training class, offline benchmark +soap_bar +mean$/m,
    );
    expect(printed).toMatch(/^AUPRO, trained on soap_bar, offline benchmark +gasket +mean$/m);
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
});

test('the printed means of 3DzAL are those of its printed pairs', async () => {
  const { tables } = await readPaper('3dzal');
  const mainTables = tables.filter(
    ({ table, part }) => ['Table 1', 'Table 2'].includes(table) && part?.startsWith('trained on'),
  );
  expect(mainTables).toHaveLength(20);
  for (const { values } of mainTables) {
    const { mean, ...pairs } = values['3DzAL'];
    const printed = Object.values(pairs).map(Number);
    expect(printed).toHaveLength(9);
    const difference = Math.abs(printed.reduce((sum, value) => sum + value, 0) / 9 - Number(mean));
    expect(difference).toBeLessThanOrEqual(0.0501); // printed with one digit
  }
});
