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
import { expect, test } from 'vitest';
import { root, run, shared } from './workspace.js';

const model = join(shared, 'data/prototype-clip');

test.skipIf(!existsSync(model))(
  'the PointAD example of the README runs, and its file gives the same scores in another process (skipped where ../shared is absent)',
  async () => {
    const readme = readFileSync(join(root, 'packages/methods/README.md'), 'utf8');
    const example = readme
      .split('```')
      .find((part) => part.startsWith('ts') && part.includes('savePointad(detector)'));
    if (!example) throw new Error('the README has no example of PointAD');
    const fitting = example.slice(2);
    // The same program, but for the detector, which comes from the file.
    const loading = fitting
      .replace(
        /const clouds = [\s\S]*savePointad\(detector\)\);/,
        "const detector = loadPointad(await readFile('pointad.safetensors'), clip);",
      )
      .replace('{ writeFile }', '{ readFile }')
      .replace('fitPointad, savePointad', 'loadPointad');

    const programs = join(root, 'output/pointad-readme'); // inside the repository, where programs find the packages
    const cwd = mkdtempSync(join(tmpdir(), 'anomclip-pointad-'));
    mkdirSync(programs, { recursive: true });
    symlinkSync(model, join(cwd, 'model'));
    try {
      const printed: string[] = [];
      for (const [name, program] of Object.entries({ fitting, loading })) {
        writeFileSync(join(programs, `${name}.mts`), program);
        printed.push(
          await run(join(root, 'node_modules/.bin/tsx'), [join(programs, `${name}.mts`)], { cwd }),
        );
      }
      expect(printed[0]).toMatch(/^normal 0\.\d+ 4096\ndent 0\.\d+ 4096$/m);
      expect(printed[1]).toBe(printed[0]);
      expect(readFileSync(join(cwd, 'pointad.safetensors')).byteLength).toBeLessThan(3000);
    } finally {
      rmSync(cwd, { recursive: true, force: true });
      rmSync(programs, { recursive: true, force: true });
    }
  },
);
