import { expect, test } from 'vitest';
import { safetensorsCheckpoint } from './checkpoint.js';
import { readSafetensors } from './read-safetensors.js';
import { withoutModulePrefix } from './without-module-prefix.js';
import { writeSafetensors } from './write-safetensors.js';

const checkpointOf = (...names: string[]) =>
  safetensorsCheckpoint(
    readSafetensors(
      writeSafetensors(
        Object.fromEntries(names.map((name, i) => [name, { shape: [1], data: Float32Array.of(i) }])),
      ),
    ),
  );

test('module. goes where every name has it', async () => {
  const checkpoint = withoutModulePrefix(checkpointOf('module.a', 'module.module.b'));
  expect([...checkpoint.shapes.keys()]).toEqual(['a', 'module.b']);
  expect([...(await checkpoint.read('module.b'))]).toEqual([1]);
  await expect(checkpoint.read('b')).rejects.toThrow('"module.b"');
});

test('module. stays where some names are without it', () => {
  const mixed = checkpointOf('module.a', 'b');
  expect(withoutModulePrefix(mixed)).toBe(mixed);
});
