import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root, run } from './workspace.js';

test('every example in the README of datasets runs, one after the other in an empty folder', async () => {
  const readme = readFileSync(join(root, 'packages/datasets/README.md'), 'utf8');
  const examples = readme.split('```ts\n').slice(1);
  const facts = [
    /gasket\/test\/dent\/000 dent/,
    /^true \[/m,
    /sponge\/train\/good\/004/,
    /^4 \d+ \d+$/m,
    /my-parts/,
  ];
  expect(examples).toHaveLength(facts.length);
  // The programs lie inside the repository, where they find the packages, and run in a folder of their own.
  const programs = join(root, 'output/readme-examples');
  const cwd = mkdtempSync(join(tmpdir(), 'anomclip-readme-'));
  mkdirSync(programs, { recursive: true });
  try {
    for (const [i, example] of examples.entries()) {
      const program = join(programs, `${i}.mts`);
      writeFileSync(program, example.split('```')[0]);
      const printed = await run(join(root, 'node_modules/.bin/tsx'), [program], { cwd });
      expect(printed).toMatch(facts[i]);
    }
  } finally {
    rmSync(cwd, { recursive: true, force: true });
    rmSync(programs, { recursive: true, force: true });
  }
});
