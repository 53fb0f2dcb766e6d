import { type Clip, encodePromptEnsemble, type PromptEnsemble } from '@anomclip/core/clip';
import type { TextPair } from './pointad/index.js';

/**
 * Mean embeddings of fixed prompts for both classes, as detectors are made from them.
 *
 * @param name - Fills the prompts' states.
 * @param truncate - Whether prompts that are too long for the model are cut.
 * @throws {@link TextTooLongError} when a prompt does not fit and is not cut.
 */
export async function plainTexts(
  clip: Pick<Clip, 'text' | 'tokenizer'>,
  prompts: PromptEnsemble,
  name: string,
  truncate: boolean,
): Promise<TextPair> {
  const embeddings = encodePromptEnsemble(clip, prompts, name, { truncate });
  try {
    return { data: (await embeddings.data<'float32'>()).slice(), width: embeddings.shape[1] };
  } finally {
    embeddings.dispose();
  }
}
