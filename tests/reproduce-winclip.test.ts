import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readResults } from '../examples/reproduce/driver/results-file.js';
import { run } from './workspace.js';

test('WinCLIP scores categories that the model never saw, beside CLIP-AC', async () => {
  const output = mkdtempSync(join(tmpdir(), 'anomclip-winclip-'));
  try {
    const printed = await run('pnpm', [
      ...['exec', 'tsx', '--tsconfig', 'tsconfig.base.json', 'examples/reproduce/winclip.ts', '--small'],
      ...['--classes', 'anchor,bottle', '--shots', '1', '--test-samples', '8', '--output', output],
    ]);
    const results = await readResults(output);
    expect(results.map(({ cell }) => [cell.method, cell.k])).toEqual([
      ['CLIP-AC', undefined],
      ['CLIP-AC + CPE', undefined],
      ['WinCLIP', undefined],
      ['WinCLIP', 1],
    ]);
    const [, ensemble, zeroShot] = results.map(({ measurements }) =>
      measurements.map(({ metrics }) => metrics),
    );
    // The image score of zero-shot WinCLIP is that of CLIP-AC with the ensemble.
    expect(zeroShot.map((metrics) => metrics['I-AUROC'])).toEqual(
      ensemble.map((metrics) => metrics['I-AUROC']),
    );
    expect(zeroShot.map((metrics) => metrics['P-AUROC'])).not.toEqual(
      ensemble.map((metrics) => metrics['P-AUROC']),
    );
    expect(printed).toMatch(/^WinCLIP, 1-shot +[\d.]+ +[\d.]+ +[\d.]+$/m);
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
});
