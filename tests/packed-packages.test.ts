import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, run, workspacePackages } from './workspace.js';

const packages = workspacePackages();
const entries = packages.flatMap(({ json }) =>
  Object.keys(json.exports)
    .filter((entry) => entry !== './package.json')
    .map((entry) => json.name + entry.slice(1)),
);

/** The entries that need TensorFlow.js, an optional peer. */
const tensorEntries = entries.filter((entry) =>
  /^@anomclip\/(core\/(backend|tensor|clip|encoder)|methods\/clip-ac)$/.test(entry),
);
const plainEntries = entries.filter((entry) => !tensorEntries.includes(entry));

describe('the packages as npm delivers them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'anomclip-packed-'));
  const app = join(folder, 'app');

  beforeAll(async () => {
    for (const { path } of packages) await run('pnpm', ['pack', '--pack-destination', folder], { cwd: path });
    const tarballs = readdirSync(folder).map((name) => join(folder, name));
    await run('mkdir', [app]);
    writeFileSync(join(app, 'package.json'), '{ "name": "app", "private": true, "type": "module" }');
    await run('npm', ['install', '--no-audit', '--no-fund', ...tarballs], { cwd: app });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('the first detection of the README runs in an empty folder', async () => {
    writeFileSync(join(app, 'first-detection.mjs'), firstDetection());
    const printed = await run('node', ['first-detection.mjs'], { cwd: app });
    const [normal, anomalous] = [...printed.matchAll(/\d+\.\d+/g)].map(Number);
    expect(anomalous, printed).toBeGreaterThan(normal);
  });

  test('the first detection of the README has under 15 lines', () => {
    expect(firstDetection().trim().split('\n').length).toBeLessThan(15);
  });

  test.each(plainEntries)('%s loads by import and by require, with the same names', expectSameNames);

  describe('with TensorFlow.js installed', () => {
    beforeAll(async () => {
      await run('npm', ['install', '--no-audit', '--no-fund', '@tensorflow/tfjs@4.22.0'], { cwd: app });
    });
    test.each(tensorEntries)('%s loads by import and by require, with the same names', expectSameNames);
  });

  async function expectSameNames(entry: string): Promise<void> {
    const esm = `import('${entry}').then((m) => console.log(names(m)));${names}`;
    const cjs = `console.log(names(require('${entry}')));${names}`;
    const fromEsm = await run('node', ['--input-type=module', '-e', esm], { cwd: app });
    expect(await run('node', ['--input-type=commonjs', '-e', cjs], { cwd: app })).toBe(fromEsm);
    expect(fromEsm.trim()).not.toBe('');
  }

  test.each(packages)('$json.name has its README and licence in the package', ({ json }) => {
    const files = readdirSync(join(app, 'node_modules', json.name));
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'dist', 'package.json']));
    expect(files).not.toContain('src');
  });
});

describe('the package checkers', () => {
  test.each(packages)('publint finds nothing in $json.name', async ({ path }) => {
    await run('pnpm', ['exec', 'publint', '--strict', path]);
  });

  test.each(packages)('the types of $json.name resolve from ESM, CommonJS and bundlers', async ({ path }) => {
    await run('pnpm', ['exec', 'attw', '--pack', path, '--profile', 'node16', '--no-emoji']);
  });

  test('no file, export or dependency is unused', async () => {
    await run('pnpm', ['exec', 'knip']);
  });

  test.each(packages)('$json.name is licensed, free of side effects and described', ({ json, path }) => {
    expect(json.license).toBe('Apache-2.0');
    expect(json.sideEffects).toBe(false);
    expect(readFileSync(join(path, 'README.md'), 'utf8')).toMatch(new RegExp(`^# ${json.name}\\n`));
  });
});

const names =
  'function names(m) { return Object.keys(m).filter((k) => k !== "default" && k !== "module.exports").sort().join(" ") }';

/** The first code block of the README's section "A first detection". */
function firstDetection(): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const code = /## A first detection[\s\S]*?```js\n([\s\S]*?)```/.exec(readme)?.[1];
  if (!code) throw new Error('README.md has no js block under "## A first detection"');
  return code;
}
