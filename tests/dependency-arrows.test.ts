import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspacePackages } from './workspace.js';

/** What each package may import from the others: the arrows of the design. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  metrics: [],
  core: [],
  pointcloud: tensorFreeCore(),
  synth: tensorFreeCore(),
  methods: ['@anomclip/core*', '@anomclip/pointcloud*', '@anomclip/synth*'],
  datasets: ['@anomclip/core*', '@anomclip/pointcloud*', '@anomclip/synth*'],
};

test('every package has its arrows stated here', () => {
  expect(workspacePackages().map(({ folder }) => folder)).toEqual(Object.keys(arrows).sort());
});

test.each(workspacePackages())('$folder imports only what the design allows', ({ folder, path }) => {
  for (const file of sourceFiles(join(path, 'src'))) {
    for (const specifier of importsOf(file).filter((name) => name.startsWith('@anomclip/'))) {
      expect(
        arrows[folder].some((allowed) => matches(specifier, allowed)),
        `${file} imports ${specifier}`,
      ).toBe(true);
    }
  }
});

test.each(workspacePackages())('$folder declares exactly what it imports', ({ folder, path, json }) => {
  const imported = new Set(
    sourceFiles(join(path, 'src'))
      .flatMap(importsOf)
      .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
      .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'))
      .filter((name) => name !== json.name),
  );
  const declared = Object.keys({ ...json.dependencies, ...json.peerDependencies });
  const typesOnly = declared.filter((name) => name.startsWith('@types/'));
  expect([...imported].sort(), folder).toEqual(declared.filter((name) => !typesOnly.includes(name)).sort());
});

test('the packages import each other without a cycle', () => {
  const graph = new Map(
    workspacePackages().map(({ json }) => [
      json.name,
      Object.keys(json.dependencies ?? {}).filter((name) => name.startsWith('@anomclip/')),
    ]),
  );
  const visit = (name: string, path: readonly string[]): void => {
    expect(path, `cycle through ${name}`).not.toContain(name);
    for (const next of graph.get(name) ?? []) visit(next, [...path, name]);
  };
  for (const name of graph.keys()) visit(name, []);
});

function tensorFreeCore(): string[] {
  return ['@anomclip/core', '@anomclip/core/random', '@anomclip/core/image', '@anomclip/core/weights'];
}

function matches(specifier: string, allowed: string): boolean {
  if (!allowed.endsWith('*')) return specifier === allowed;
  return specifier === allowed.slice(0, -1) || specifier.startsWith(`${allowed.slice(0, -1)}/`);
}

/** Tests may use more than the package itself does. */
function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /(?<!\.test|\.bench|\.fixture)\.ts$/.test(entry.name))
    .filter((entry) => !/[\\/](testing|fixtures)$/.test(entry.parentPath) && entry.name !== 'fixtures.ts')
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsOf(file: string): string[] {
  const code = readFileSync(file, 'utf8').replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');
  return [...code.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1]);
}
