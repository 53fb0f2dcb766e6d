import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runParity } from '../scripts/parity/parity.js';
import { shared } from './workspace.js';

const golden = join(shared, 'golden');

test.skipIf(!existsSync(golden))(
  'every golden file whose part is built is inside its tolerance (skipped where ../shared/golden is absent)',
  async () => {
    const { checks } = await runParity(golden);
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    for (const file of ['image-ops', 'memory-bank', 'metrics', 'pointcloud']) {
      expect(checks.some((check) => check.file === `${file}.safetensors`)).toBe(true);
    }
  },
);
