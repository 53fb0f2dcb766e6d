import { expect, test } from 'vitest';
import { clipFiles } from './clip-files.js';

test('settings, tokenizer and the best weights are chosen', () => {
  const names = ['README.md', 'open_clip_config.json', 'tokenizer.json', 'model.safetensors', 'tf_model.h5'];
  expect(clipFiles([...names, 'pytorch_model.bin', 'x/config.json'])).toEqual(names.slice(1, 4));
});

test('every form of vocabulary that a tokenizer is read from is kept', () => {
  const names = [
    'vocabulary.json',
    'bpe_simple_vocab_16e6.txt',
    'bpe_simple_vocab_16e6.txt.gz',
    'a.safetensors',
  ];
  expect(clipFiles(names)).toEqual(names);
});

test('an index brings its parts, and nothing else', () => {
  const parts = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  const names = ['model.safetensors.index.json', ...parts, 'model-fp16-of-1.safetensors', 'config.json'];
  expect(clipFiles(names)).toEqual(['model.safetensors.index.json', ...parts, 'config.json']);
});

test('no weights, and unclear ones, are said', () => {
  expect(() => clipFiles(['config.json'])).toThrow('no file looks like weights; there are config.json');
  expect(() => clipFiles(['a.pt', 'b.pt'])).toThrow('several files can be the weights: a.pt, b.pt');
});
