import { bytePairTokenizer, vocabularyOfMerges } from '@anomclip/core/clip';
import { clipMerges } from '../../../packages/core/src/testing/clip-merges.fixture.js';
import { type Golden, largestError } from '../golden.js';
import type { Compare } from '../parity.js';

/** CLIP's ids of the texts in the file's metadata, without start and end. */
export function checkTokenizer(golden: Golden, compare: Compare): void {
  const texts = JSON.parse(golden.setting('texts') ?? '[]') as string[];
  const tokenizer = bytePairTokenizer(vocabularyOfMerges(clipMerges()));
  for (const [i, text] of texts.entries()) {
    const shown = JSON.stringify(text.length > 30 ? `${text.slice(0, 29)}…` : text);
    compare(`ids_${i} ${shown}`, largestError(tokenizer.split(text), golden.values(`ids_${i}`)), 0);
  }
}
