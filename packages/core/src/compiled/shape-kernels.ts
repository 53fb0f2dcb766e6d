import * as tf from '@tensorflow/tfjs';
import { type KernelCall, type Kernels, result, same } from './kernel.js';

const copying: Kernels = {
  Identity: ({ backend, inputs: { x } }) => same(backend, backend.operand(x), x),
  Reshape: ({ backend, inputs: { x }, attrs: { shape } }: KernelCall<tf.ReshapeAttrs>) => {
    const sides = tf.util.inferFromImplicitShape(shape, tf.util.sizeFromShape(x.shape));
    return reshaped(backend, x, sides);
  },
  ExpandDims: ({ backend, inputs: { input }, attrs: { dim } }: KernelCall<tf.ExpandDimsAttrs>) => {
    const rank = input.shape.length;
    return reshaped(backend, input, input.shape.toSpliced(dim < 0 ? rank + dim + 1 : dim, 0, 1));
  },
  Transpose: ({ backend, inputs: { x }, attrs: { perm } }: KernelCall<tf.TransposeAttrs>) => {
    const shape = perm.map((axis) => x.shape[axis]);
    const value = backend.graph.add('Transpose', [backend.value(x)], { perm });
    return result(backend, value, shape, x.dtype);
  },
  Tile: ({ backend, inputs: { x }, attrs: { reps } }: KernelCall<tf.TileAttrs>) => {
    const shape = x.shape.map((side, axis) => side * reps[axis]);
    // Repeating single elements is broadcasting.
    if (x.shape.every((side, axis) => side === 1 || reps[axis] === 1)) {
      return same(backend, backend.operand(x), { shape, dtype: x.dtype });
    }
    const value = backend.graph.add('Tile', [backend.value(x), backend.graph.integers(reps)]);
    return result(backend, value, shape, x.dtype);
  },
};

const cutting: Kernels = {
  Slice: ({ backend, inputs: { x }, attrs: { begin, size } }: KernelCall<tf.SliceAttrs>) => {
    const { graph } = backend;
    const [starts, sizes] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size);
    if (sizes.join() === x.shape.join()) return same(backend, backend.operand(x), x);
    // Only the axes that are cut.
    const axes = [...sizes.keys()].filter((axis) => sizes[axis] !== x.shape[axis]);
    const ends = axes.map((axis) => starts[axis] + sizes[axis]);
    const ranges = [axes.map((axis) => starts[axis]), ends, axes].map((values) => graph.integers(values));
    return result(backend, graph.add('Slice', [backend.value(x), ...ranges]), sizes, x.dtype);
  },
  StridedSlice: ({ backend, inputs: { x }, attrs }: KernelCall<tf.StridedSliceAttrs>) => {
    const { graph } = backend;
    const { finalShape, begin, end, strides } = tf.slice_util.sliceInfo(
      x.shape,
      attrs.begin,
      attrs.end,
      attrs.strides,
      attrs.beginMask,
      attrs.endMask,
      attrs.ellipsisMask,
      attrs.newAxisMask,
      attrs.shrinkAxisMask,
    );
    // Downwards, the end −1 is the place before the first element; to ONNX it is the last one.
    const ends = end.map((place, axis) => (strides[axis] < 0 && place < 0 ? -(2 ** 31) : place));
    const ranges = [begin, ends, [...begin.keys()], strides].map((values) => graph.integers(values));
    const cut = graph.add('Slice', [backend.value(x), ...ranges]);
    return result(backend, graph.reshape(cut, finalShape), finalShape, x.dtype);
  },
  Reverse: ({ backend, inputs: { x }, attrs: { dims } }: KernelCall<tf.ReverseAttrs>) => {
    const { graph } = backend;
    const axes = tf.util.parseAxisParam(dims, x.shape);
    const ranges = [axes.map(() => -1), axes.map(() => -(2 ** 31)), axes, axes.map(() => -1)];
    const inputs = ranges.map((values) => graph.integers(values));
    return result(backend, graph.add('Slice', [backend.value(x), ...inputs]), x.shape, x.dtype);
  },
  SplitV: ({ backend, inputs: { x }, attrs: { numOrSizeSplits, axis } }: KernelCall<tf.SplitVAttrs>) => {
    const [along] = tf.util.parseAxisParam(axis, x.shape);
    const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, along);
    return split(backend, x, sizes, along).map((value, i) =>
      result(backend, value, x.shape.with(along, sizes[i]), x.dtype),
    );
  },
  Unpack: ({ backend, inputs: { value: x }, attrs: { axis } }: KernelCall<tf.UnpackAttrs>) => {
    const [along] = tf.util.parseAxisParam(axis, x.shape);
    const shape = x.shape.toSpliced(along, 1);
    const sizes = new Array<number>(x.shape[along]).fill(1);
    return split(backend, x, sizes, along).map((value) =>
      result(backend, backend.graph.reshape(value, shape), shape, x.dtype),
    );
  },
} as Kernels;

const joining: Kernels = {
  Concat: ({ backend, inputs, attrs: { axis } }: KernelCall<tf.ConcatAttrs>) => {
    const tensors = Object.values(inputs);
    const [along] = tf.util.parseAxisParam(axis, tensors[0].shape);
    const shape = tf.backend_util.computeOutShape(
      tensors.map((tensor) => tensor.shape),
      along,
    );
    const values = tensors.map((tensor) => backend.value(tensor));
    return result(backend, backend.graph.add('Concat', values, { axis: along }), shape, tensors[0].dtype);
  },
  Pack: ({ backend, inputs, attrs: { axis } }: KernelCall<tf.PackAttrs>) => {
    const { graph } = backend;
    const tensors = Object.values(inputs);
    const along = axis < 0 ? tensors[0].shape.length + 1 + axis : axis;
    const one = tensors[0].shape.toSpliced(along, 0, 1);
    const values = tensors.map((tensor) => graph.reshape(backend.value(tensor), one));
    const value = graph.add('Concat', values, { axis: along });
    return result(backend, value, one.with(along, tensors.length), tensors[0].dtype);
  },
  PadV2: ({ backend, inputs: { x }, attrs: { paddings, constantValue } }: KernelCall<tf.PadV2Attrs>) => {
    const { graph } = backend;
    const pads = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
    const inputs = [backend.value(x), graph.integers(pads), graph.scalar(constantValue, x.dtype)];
    const shape = x.shape.map((side, axis) => side + paddings[axis][0] + paddings[axis][1]);
    return result(backend, graph.add('Pad', inputs), shape, x.dtype);
  },
} as Kernels;

export const shapeKernels: Kernels = { ...copying, ...cutting, ...joining };

function reshaped(backend: KernelCall['backend'], x: tf.TensorInfo, shape: number[]): tf.TensorInfo {
  const operand = backend.operand(x);
  if (operand.splat !== undefined || shape.join() === x.shape.join()) {
    return same(backend, operand, { shape, dtype: x.dtype });
  }
  return result(backend, backend.graph.reshape(backend.value(x), shape), shape, x.dtype);
}

function split(backend: KernelCall['backend'], x: tf.TensorInfo, sizes: number[], axis: number): string[] {
  const inputs = [backend.value(x), backend.graph.integers(sizes)];
  return backend.graph.onnx.add('Split', inputs, { axis }, { outputs: sizes.length });
}
