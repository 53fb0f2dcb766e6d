import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

test('what any entry throws is an instance of the classes of @anomclip/core, by import and by require', async () => {
  const require = createRequire(import.meta.url);
  for (const load of [(name: string) => import(name), async (name: string) => require(name)]) {
    const { FormatError } = await load('@anomclip/core');
    const { readSafetensors } = await load('@anomclip/core/weights');
    expect(() => readSafetensors(new Uint8Array(3))).toThrow(FormatError);
  }
});
