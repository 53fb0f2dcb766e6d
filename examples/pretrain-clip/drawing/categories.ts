import { angularShapes } from './angular-shapes.js';
import { freeShapes } from './free-shapes.js';
import { heldOutShapes } from './held-out-shapes.js';
import { roundShapes } from './round-shapes.js';
import type { ShapeFamily } from './shape.js';

const trainingShapes: Readonly<Record<string, ShapeFamily>> = {
  ...roundShapes,
  ...angularShapes,
  ...freeShapes,
};

/** What images and captions of the training are about. */
export const trainingCategories: readonly string[] = Object.keys(trainingShapes).sort();

/** What the model is evaluated on and never sees in training. */
export const heldOutCategories: readonly string[] = Object.keys(heldOutShapes);

const shapes: Readonly<Record<string, ShapeFamily>> = { ...trainingShapes, ...heldOutShapes };

export function shapeOf(category: string): ShapeFamily {
  return shapes[category];
}
