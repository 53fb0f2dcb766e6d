import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startBackend } from '../scripts/parity/backend.js';
import { runParity } from '../scripts/parity/parity.js';
import { shared } from './workspace.js';

const golden = join(shared, 'golden');

describe.skipIf(!existsSync(golden)).each(['cpu', 'wasm'] as const)(
  'parity on %s (skipped where ../shared/golden is absent)',
  (backend) => {
    test('every golden file whose part is built is inside its tolerance', async () => {
      await startBackend(backend);
      const { checks } = await runParity(golden);
      expect(checks.filter(({ passed }) => !passed)).toEqual([]);
      for (const file of [
        'clip-gelu',
        'clip-quickgelu',
        'image-ops',
        'memory-bank',
        'metrics',
        'pointcloud',
      ]) {
        const own = checks.filter((check) => check.file === `${file}.safetensors`);
        expect(own.length, file).toBeGreaterThan(1); // more than reading the file
      }
      const checkpoints = new Set(checks.map(({ file }) => file).filter((file) => /\.pth?$/.test(file)));
      expect(checkpoints.size).toBeGreaterThan(5);
    });
  },
);
