import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const packages = fileURLToPath(new URL('./packages', import.meta.url));

// Unit tests run the sources, so a test never sees a stale build; the tests of `tests/` run what is built.
const alias = [
  { find: /^@anomclip\/(\w+)$/, replacement: `${packages}/$1/src/index.ts` },
  { find: /^@anomclip\/(\w+)\/([\w-]+)$/, replacement: `${packages}/$1/src/$2/index.ts` },
];

const chromium = process.env.ANOMCLIP_CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(chromium)) console.log(`no Chromium at ${chromium}: the tests in a browser are skipped`);

/** What must work in a browser, in the system's Chromium; WebGPU on its software adapter. */
const browserProject: TestProjectInlineConfiguration = {
  resolve: { alias },
  optimizeDeps: { exclude: ['onnxruntime-web', '@jsquash/jpeg'] }, // they find their wasm files beside themselves
  test: {
    name: 'browser',
    include: ['tests/browser/*.browser.ts'],
    testTimeout: 60_000,
    sequence: { groupOrder: 2 },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath: chromium,
          args: [
            '--no-sandbox',
            '--enable-unsafe-webgpu',
            '--use-webgpu-adapter=swiftshader',
            '--enable-features=Vulkan',
          ],
        },
      }),
      instances: [{ browser: 'chromium' }],
    },
  },
};

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
      ...(existsSync(chromium) ? [browserProject] : []),
    ],
  },
});
