import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startBackend } from '../scripts/parity/backend.js';
import { compareBackends, renderComparison } from '../scripts/parity/compare-backends.js';
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
        'tokenizer',
      ]) {
        const own = checks.filter((check) => check.file === `${file}.safetensors`);
        expect(own.length, file).toBeGreaterThan(1); // more than reading the file
      }
      const checkpoints = new Set(checks.map(({ file }) => file).filter((file) => /\.pth?$/.test(file)));
      expect(checkpoints.size).toBeGreaterThan(5);
    });
  },
);

test.skipIf(!existsSync(golden))(
  'the prototype CLIP gives its features, scores, maps and AUROCs for all images (skipped where ../shared is absent)',
  async () => {
    await startBackend('wasm');
    const { checks, notBuilt } = await runParity(join(shared, 'data/prototype-clip'));
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(checks.filter(({ name }) => name.includes('AUROC')).length).toBe(2 * 2 * (8 + 1));
    expect(notBuilt).toEqual([]);
  },
);

test.skipIf(!existsSync(golden))(
  'every layer differs by less than 2e-5 between the backends (skipped where ../shared is absent)',
  async () => {
    const layers = await compareBackends(golden);
    expect(layers.length).toBeGreaterThan(40);
    for (const { layer, largest, differences } of layers) {
      expect(largest, layer).toBeGreaterThan(0.1);
      for (const [pair, difference] of Object.entries(differences)) {
        if (pair === 'wasm − cpu') expect(difference, layer).toBeDefined();
        if (difference !== undefined) expect(difference, `${layer}: ${pair}`).toBeLessThan(2e-5);
      }
    }
    expect(renderComparison(layers).split('\n').length).toBe(layers.length + 4);
  },
);
