import { chooseCheckpoint } from '../weights/index.js';

const settings = new Set([
  'open_clip_config.json',
  'config.json',
  'preprocessor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'vocab.json',
  'merges.txt',
  'bpe_simple_vocab_16e6.txt',
  'bpe_simple_vocab_16e6.txt.gz',
  'vocabulary.json',
]);

/**
 * Of a repository's files only those that a CLIP needs: settings, tokenizer, and the weights once, in the best of their formats.
 *
 * @throws {@link FormatError} when no file can be the weights, or several can.
 */
export function clipFiles(names: readonly string[]): string[] {
  const weights = chooseCheckpoint(names);
  const [, stem, ending] = /^(.*)\.(\w+)\.index\.json$/.exec(weights) ?? [];
  const isShard = (name: string): boolean =>
    stem !== undefined &&
    name.startsWith(`${stem}-`) &&
    name.endsWith(`.${ending}`) &&
    /^\d+-of-\d+$/.test(name.slice(stem.length + 1, -ending.length - 1));
  return names.filter((name) => settings.has(name) || name === weights || isShard(name));
}
