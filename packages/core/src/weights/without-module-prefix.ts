import type { Checkpoint } from './checkpoint.js';

const prefix = 'module.';

/** A checkpoint without the `module.` that parallel training puts in front of every name. */
export function withoutModulePrefix(checkpoint: Checkpoint): Checkpoint {
  const names = [...checkpoint.shapes.keys()];
  if (names.length === 0 || !names.every((name) => name.startsWith(prefix))) return checkpoint;
  return {
    shapes: new Map([...checkpoint.shapes].map(([name, shape]) => [name.slice(prefix.length), shape])),
    read: (name) => checkpoint.read(prefix + name),
  };
}
