import { ArgumentError } from '../errors.js';

/** Which residual stage; stage s of a bottleneck ResNet has 64·2^(s+1) channels at 1/2^(s+1) of the input's size. */
export type ResNetStage = 1 | 2 | 3 | 4;

/** The layout of a bottleneck ResNet (He et al. 2016, arXiv:1512.03385), with the stride in the 3×3 convolution. */
export interface ResNetConfig {
  /** Bottleneck blocks of stages 1 to 4. */
  readonly blocks: readonly [number, number, number, number];
  /** Width of stage 1's 3×3 convolutions, torchvision's `width_per_group`; it doubles with every stage. */
  readonly width: number;
}

/** ResNet-50: 25 557 032 parameters with its classifier. */
export const resNet50: ResNetConfig = { blocks: [3, 4, 6, 3], width: 64 };

/** Wide ResNet-50-2 (Zagoruyko and Komodakis 2016, arXiv:1605.07146): 68 883 240 parameters with its classifier. */
export const wideResNet50: ResNetConfig = { blocks: [3, 4, 6, 3], width: 128 };

/** A convolution and the batch norm behind it, under torchvision's names. */
export interface ConvolutionSpec {
  /** Of the convolution, without `.weight`. */
  readonly name: string;
  /** Of the batch norm, without `.weight`, `.bias`, `.running_mean` and `.running_var`. */
  readonly normName: string;
  /** Side of the kernel; the padding is half of it, rounded down. */
  readonly kernel: number;
  readonly stride: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** 1×1, 3×3, 1×1, around them a shortcut that is a convolution where size or width change. */
export interface BlockSpec {
  readonly convolutions: readonly [ConvolutionSpec, ConvolutionSpec, ConvolutionSpec];
  readonly shortcut?: ConvolutionSpec;
}

/** The first convolution. */
export const stem: ConvolutionSpec = {
  name: 'conv1',
  normName: 'bn1',
  kernel: 7,
  stride: 2,
  inputs: 3,
  outputs: 64,
};

/** The blocks of one stage. @throws {@link ArgumentError} when the configuration has no such stage. */
export function stageBlocks({ blocks, width }: ResNetConfig, stage: ResNetStage): BlockSpec[] {
  const count = blocks[stage - 1];
  if (!Number.isInteger(count) || count < 1) {
    throw new ArgumentError('ResNet', `at least one block in stage ${stage}`, count);
  }
  if (!Number.isInteger(width) || width < 1) throw new ArgumentError('ResNet', 'a whole width from 1', width);
  const inner = width * 2 ** (stage - 1);
  const outputs = 64 * 2 ** (stage + 1);
  return Array.from({ length: count }, (_, index) => {
    const isFirst = index === 0;
    const prefix = `layer${stage}.${index}`;
    const inputs = !isFirst ? outputs : stage === 1 ? stem.outputs : outputs / 2;
    const stride = isFirst && stage > 1 ? 2 : 1;
    const convolution = (order: number, kernel: number, from: number, to: number, step = 1) => ({
      name: `${prefix}.conv${order}`,
      normName: `${prefix}.bn${order}`,
      kernel,
      stride: step,
      inputs: from,
      outputs: to,
    });
    const shortcut = { kernel: 1, stride, inputs, outputs };
    return {
      convolutions: [
        convolution(1, 1, inputs, inner),
        convolution(2, 3, inner, inner, stride),
        convolution(3, 1, inner, outputs),
      ],
      ...(isFirst && {
        shortcut: { name: `${prefix}.downsample.0`, normName: `${prefix}.downsample.1`, ...shortcut },
      }),
    };
  });
}

export const stages: readonly ResNetStage[] = [1, 2, 3, 4];
