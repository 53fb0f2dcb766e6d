import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createImage, encodePng } from '@anomclip/core/image';
import { readSafetensors } from '@anomclip/core/weights';
import { expect, test } from 'vitest';
import { root, run, shared } from './workspace.js';

const model = join(shared, 'data/prototype-clip');

test.skipIf(!existsSync(model))(
  'the example of CLIP-FSAC++ in the README of methods runs (skipped where ../shared is absent)',
  async () => {
    const readme = readFileSync(join(root, 'packages/methods/README.md'), 'utf8');
    const [, example] = /## CLIP-FSAC\+\+[\s\S]*?```js\n([\s\S]*?)```/.exec(readme) ?? [];
    // The program lies inside the repository, where it finds the packages, and runs in a folder of its own.
    const programs = join(root, 'output/clip-fsac-readme');
    const cwd = mkdtempSync(join(tmpdir(), 'anomclip-readme-'));
    mkdirSync(programs, { recursive: true });
    try {
      symlinkSync(model, join(cwd, 'model'));
      for (const [i, name] of ['normal-1', 'normal-2', 'part'].entries()) {
        const image = createImage(60, 80);
        image.data.fill(60 + 40 * i);
        writeFileSync(join(cwd, `${name}.png`), encodePng(image));
      }
      const program = join(programs, 'main.mjs');
      writeFileSync(program, example);
      const printed = await run(process.execPath, [program], { cwd });
      expect(printed).toMatch(/[01]\.\d{4} \[ 64, 64 \]/);
      const saved = readSafetensors(readFileSync(join(cwd, 'bottle.safetensors')));
      expect(saved.metadata.className).toBe('bottle');
    } finally {
      rmSync(cwd, { recursive: true, force: true });
      rmSync(programs, { recursive: true, force: true });
    }
  },
);
