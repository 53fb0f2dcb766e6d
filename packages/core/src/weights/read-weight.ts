import { FormatError } from '../errors.js';
import type { Checkpoint } from './checkpoint.js';

/**
 * One weight of a model, after a look at its shape.
 *
 * @param model - Whose weights these are, e.g. `CLIP`; it opens the message.
 * @returns Row-major values that the caller owns.
 * @throws {@link FormatError} when the weight is missing or has another shape than the model's configuration says.
 */
export async function readWeight(
  model: string,
  checkpoint: Checkpoint,
  name: string,
  shape: readonly number[],
): Promise<Float32Array> {
  const actual = checkpoint.shapes.get(name);
  if (!actual) {
    const some = [...checkpoint.shapes.keys()].slice(0, 5).join(', ');
    throw new FormatError(
      `${model} weights`,
      `${name} is missing`,
      `the file holds ${some}, …: is it this model's?`,
    );
  }
  if (actual.join() !== shape.join()) {
    throw new FormatError(
      `${model} weights`,
      `${name} has shape [${actual.join(', ')}], the configuration says [${shape.join(', ')}]`,
      'choose the configuration that belongs to these weights',
    );
  }
  return checkpoint.read(name);
}
