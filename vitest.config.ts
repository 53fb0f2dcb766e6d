import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const packages = fileURLToPath(new URL('./packages', import.meta.url));

// Unit tests run the sources, so a test never sees a stale build; the tests of `tests/` run what is built.
const alias = [
  { find: /^@anomclip\/(\w+)$/, replacement: `${packages}/$1/src/index.ts` },
  { find: /^@anomclip\/(\w+)\/([\w-]+)$/, replacement: `${packages}/$1/src/$2/index.ts` },
];

export default defineConfig({
  test: {
    reporters: ['default', ['json', { outputFile: 'test-results.json' }]],
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts'],
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'workspace',
          include: ['tests/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
