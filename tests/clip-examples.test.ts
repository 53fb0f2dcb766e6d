import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createImage, decodePng, encodePng } from '@anomclip/core/image';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, run, shared } from './workspace.js';

const model = join(shared, 'data/prototype-clip');

describe.skipIf(!existsSync(model))('the CLIP examples (skipped where ../shared is absent)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'anomclip-examples-'));
  const image = join(folder, 'part.png');
  beforeAll(() => {
    const disc = createImage(80, 100);
    for (let row = 0; row < 80; row++) {
      for (let column = 0; column < 100; column++) {
        const inside = (row - 40) ** 2 + (column - 50) ** 2 < 30 ** 2;
        for (let channel = 0; channel < 3; channel++) disc.set(row, column, channel, inside ? 170 : 20);
      }
    }
    writeFileSync(image, encodePng(disc));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('zero-shot prints scores and writes an overlay of the size of the image', async () => {
    const out = join(folder, 'overlay.png');
    const printed = await example('zero-shot', [
      '--model',
      model,
      '--image',
      image,
      '--class',
      'disc',
      '--out',
      out,
    ]);
    const score = Number(/image score +([\d.]+)/.exec(printed)?.[1]);
    expect(score, printed).toBeGreaterThan(0);
    expect(score, printed).toBeLessThan(1);
    expect(decodePng(readFileSync(out)).shape).toEqual([80, 100, 3]);
  });

  test('zero-shot says what is wrong in one line', async () => {
    const args = ['--model', model, '--image', join(root, 'README.md'), '--class', 'disc'];
    await expect(example('zero-shot', args)).rejects.toThrow(/\nerror: .*\n/);
  });

  test('embed-in-node prints a cosine per text', async () => {
    const printed = await example('embed-in-node', [model, image, 'a photo of a disc', 'a damaged disc']);
    const lines = printed
      .trim()
      .split('\n')
      .filter((line) => /^-?[01]\.\d{4} /.test(line));
    expect(
      lines.map((line) => line.slice(line.indexOf(' ') + 1)),
      printed,
    ).toEqual(['a photo of a disc', 'a damaged disc']);
    expect(lines.every((line) => Math.abs(Number.parseFloat(line)) <= 1)).toBe(true);
  });
});

function example(name: string, args: readonly string[]): Promise<string> {
  const file = `examples/${name}/main.ts`;
  return run('pnpm', ['exec', 'tsx', '--tsconfig', 'tsconfig.base.json', file, ...args]);
}
