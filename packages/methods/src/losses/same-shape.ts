import { ShapeError } from '@anomclip/core';

interface Shaped {
  readonly shape: readonly number[];
}

export function assertSameShape(where: string, values: Shaped, targets: Shaped): void {
  if (values.shape.join() !== targets.shape.join()) {
    throw new ShapeError(
      where,
      `targets of the shape of the probabilities, [${values.shape.join(', ')}]`,
      targets.shape,
    );
  }
}
