import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodePng } from '@anomclip/core/image';
import { expect, test } from 'vitest';
import { run } from './workspace.js';

test('the gallery draws every generator, in its smallest size and without any data', async () => {
  const out = mkdtempSync(join(tmpdir(), 'anomclip-gallery-'));
  try {
    const printed = await run('pnpm', [
      ...['exec', 'tsx', '--tsconfig', 'tsconfig.base.json', 'examples/synthesis-gallery/main.ts'],
      ...['--size', '48', '--columns', '1', '--data', join(out, 'absent'), '--out', out],
    ]);
    expect(printed).toContain('Texture overlay, procedural');
    expect(printed).toContain('Defect: crack');
    const page = readFileSync(join(out, 'index.html'), 'utf8');
    expect(page.match(/<section>/g)).toHaveLength(26);
    expect(page, 'self-contained: nothing is loaded from elsewhere').not.toMatch(/(src|href)="https?:/);
    for (const name of ['images.png', 'clouds.png']) {
      const [height, width] = decodePng(readFileSync(join(out, name))).shape;
      expect(height).toBeGreaterThan(13 * 48);
      expect(width).toBeGreaterThanOrEqual(48);
    }
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
});
