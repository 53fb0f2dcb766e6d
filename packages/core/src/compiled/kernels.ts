import { constantKernels } from './constant-kernels.js';
import { elementwiseKernels } from './elementwise-kernels.js';
import { gatherKernels } from './gather-kernels.js';
import type { Kernels } from './kernel.js';
import { productKernels } from './product-kernels.js';
import { reductionKernels } from './reduction-kernels.js';
import { shapeKernels } from './shape-kernels.js';

/** What can be compiled, by the names of TensorFlow.js's kernels. */
export const kernels: Kernels = {
  ...constantKernels,
  ...elementwiseKernels,
  ...reductionKernels,
  ...shapeKernels,
  ...productKernels,
  ...gatherKernels,
};
