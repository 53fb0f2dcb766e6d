import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts', 'src/*/index.ts'],
  format: ['esm', 'cjs'],
  dts: true,
  clean: true,
  splitting: true, // one class FormatError for all entries, in CommonJS too
  shims: true,
  target: 'es2022',
});
