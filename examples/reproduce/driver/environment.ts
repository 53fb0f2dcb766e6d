import { readFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import type { Json } from './cell.js';

/** What results may depend on besides their configuration. */
export async function environment(): Promise<{ readonly [name: string]: Json }> {
  const methods = new URL('../../../packages/methods/package.json', import.meta.url);
  const { version } = JSON.parse(await readFile(methods, 'utf8')) as { version: string };
  return {
    anomclip: version,
    node: process.version,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
  };
}
