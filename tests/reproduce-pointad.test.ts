import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readResults } from '../examples/reproduce/driver/results-file.js';
import { run, shared } from './workspace.js';

const clip = join(shared, 'data/prototype-clip');
const hasClip = existsSync(clip);
if (!hasClip) console.log(`no ${clip}: the reproduction of PointAD is skipped`);

test.skipIf(!hasClip)(
  'PointAD learns on one part, scores others, and goes on where it was stopped',
  async () => {
    const output = mkdtempSync(join(tmpdir(), 'anomclip-pointad-'));
    const command = [
      ...['exec', 'tsx', '--tsconfig', 'tsconfig.base.json', 'examples/reproduce/pointad.ts', '--small'],
      ...['--clip', clip, '--output', output, '--test-samples', '6', '--methods'],
    ];
    try {
      await run('pnpm', [...command, 'CLIP+Rendering,PointAD']);
      const printed = await run('pnpm', [...command, 'CLIP+Rendering,untrained prompts,PointAD']);
      const results = await readResults(output);
      expect(
        results.map(({ cell }) => cell.method),
        'each was run once',
      ).toEqual(['CLIP+Rendering', 'PointAD', 'untrained prompts']);
      for (const method of ['CLIP+Rendering', 'untrained prompts', 'PointAD']) {
        expect(printed).toMatch(
          new RegExp(`^${method.replace('+', '\\+')} +[\\d.]+ +[\\d.]+ +[\\d.]+$`, 'm'),
        );
      }
      const trained = results[1];
      expect(trained.cell.options.auxiliary).toBe('gasket');
      expect(trained.cell.classes).not.toContain('gasket');
      expect(Number(trained.details['total, last epoch'])).toBeLessThan(
        Number(trained.details['total, first epoch']),
      );
      const { classes } = trained.cell;
      for (const className of classes) {
        expect(trained.details[`${className}, largest difference in another process`]).toBeLessThan(1e-5);
      }
      const parts = trained.measurements.map(({ className, part }) => `${className}: ${part}`);
      expect(parts).toEqual(classes.flatMap((name) => [`${name}: points`, `${name}: points + RGB`]));
      for (const { metrics } of trained.measurements) expect(metrics['P-AUROC']).toBeGreaterThan(0.7);

      const report = readFileSync(join(output, 'report.html'), 'utf8');
      expect(report).toContain('data:image/png;base64,');
      expect(report, 'self-contained: nothing is loaded from elsewhere').not.toMatch(/(src|href)="https?:/);
    } finally {
      rmSync(output, { recursive: true, force: true });
    }
  },
);
