import { defineConfig } from 'tsup';

const target = 'es2022';

export default defineConfig([
  {
    entry: [
      'src/index.ts',
      'src/io/index.ts',
      'src/prepare/index.ts',
      'src/views/index.ts',
      'src/workers/index.ts',
    ],
    format: ['esm', 'cjs'],
    dts: true,
    // The two builds run at the same time: neither may delete what the other has written.
    clean: ['!workers/geometry-worker.js'],
    shims: true,
    target,
  },
  {
    // One file that needs no other, so that it can be loaded from wherever a bundler copies it to.
    entry: { 'workers/geometry-worker': 'src/workers/geometry-worker.ts' },
    format: 'esm',
    splitting: false,
    noExternal: [/./],
    // workerpool asks for Node's modules by require(), which modules lack; in a browser it does not ask.
    banner: { js: 'const require = (name) => process.getBuiltinModule(name);' },
    target,
  },
]);
