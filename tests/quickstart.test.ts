import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from './workspace.js';

test('the main job finds the defects of two categories and writes its report', async () => {
  const out = mkdtempSync(join(tmpdir(), 'anomclip-quickstart-'));
  try {
    const printed = await run('pnpm', [
      ...['exec', 'tsx', '--tsconfig', 'tsconfig.base.json', 'examples/quickstart/main.ts'],
      ...['--categories', 'soap_bar,gasket', '--out', out],
    ]);
    const mean = /^mean +(.+)$/m.exec(printed)?.[1].split(/ +/).map(Number) ?? [];
    const [imageAuroc, , pixelAuroc, aupro] = mean;
    expect(imageAuroc, printed).toBeGreaterThan(70);
    expect(pixelAuroc, printed).toBeGreaterThan(85);
    expect(aupro, printed).toBeGreaterThan(70);
    const report = readFileSync(join(out, 'report.html'), 'utf8');
    expect(report).toContain('data:image/png;base64,');
    expect(report, 'self-contained: nothing is loaded from elsewhere').not.toMatch(/(src|href)="https?:/);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
});
