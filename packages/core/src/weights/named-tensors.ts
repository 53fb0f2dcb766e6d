import { FormatError } from '../errors.js';
import type { PickleValue } from './pickle.js';
import { ScriptModule } from './pytorch-globals.js';
import { StoredTensor } from './stored-tensor.js';

/**
 * The tensors inside what a pickle holds, by name: {@link pytorchCheckpoint} says how they are called.
 *
 * @throws {@link FormatError} when there is no tensor, two have one name, or the nesting has no end.
 */
export function namedTensors(root: PickleValue): Map<string, StoredTensor> {
  const found = new Map<string, StoredTensor>();
  let visits = 0;
  const visit = (value: PickleValue, name: string, depth: number): void => {
    // A value may contain itself, or one value a thousand times; both would take for ever.
    if (depth > maxDepth || ++visits > maxVisits) throw malformed('its values are nested without end');
    if (value instanceof StoredTensor) {
      if (name.length > maxNameLength || found.size >= maxTensors) throw malformed('its names have no end');
      if (found.has(name)) throw malformed(`two tensors are called ${JSON.stringify(name)}`);
      found.set(name, value);
    } else {
      for (const [key, child] of children(value))
        visit(child, name === '' ? key : `${name}.${key}`, depth + 1);
    }
  };
  if (root instanceof StoredTensor) return new Map([['tensor', root]]);
  visit(unwrap(root), '', 0);
  if (found.size === 0) throw malformed('it holds no tensors', 'save model.state_dict()');
  return found;
}

const maxDepth = 100;
const maxVisits = 1_000_000;
const maxNameLength = 1000;
const maxTensors = 100_000;

/** Where training programs put the weights, beside much that is none. */
const wrappers = ['state_dict', 'model_state_dict', 'model'];

function unwrap(root: PickleValue): PickleValue {
  let value = root;
  for (let level = 0; level < 4 && value instanceof Map; level++) {
    const dictionary: ReadonlyMap<PickleValue, PickleValue> = value;
    const inner = wrappers
      .map((name) => dictionary.get(name))
      .find((candidate) => candidate instanceof Map || candidate instanceof ScriptModule);
    if (!inner) break;
    value = inner;
  }
  return value;
}

function* children(value: PickleValue): Iterable<[string, PickleValue]> {
  const entries: Iterable<[PickleValue, PickleValue]> =
    value instanceof ScriptModule
      ? value.attributes
      : value instanceof Map || Array.isArray(value)
        ? value.entries()
        : [];
  for (const [key, child] of entries) {
    if (typeof key === 'string' || typeof key === 'number') yield [String(key), child];
  }
}

function malformed(problem: string, hint?: string): FormatError {
  return new FormatError('PyTorch checkpoint', problem, hint);
}
