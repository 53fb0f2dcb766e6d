import * as tf from '@tensorflow/tfjs';
import { ArgumentError, ShapeError } from '../errors.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import { type ResNetConfig, type ResNetStage, stageBlocks, stages, stem } from './config.js';
import { convolve, type FoldedConvolution, readFolded } from './folded-convolution.js';

export interface LoadResNetOptions {
  /** The last stage that will be wanted; later ones are not read. @defaultValue 4 */
  lastStage?: ResNetStage;
  /**
   * What batch norm normalises with: the statistics of the training, or `'batch'`, those of the images that it is given.
   * @defaultValue 'running'
   */
  statistics?: 'running' | 'batch';
}

/** A bottleneck ResNet in evaluation mode on the current backend, without its classifier. It owns its weights. */
export class ResNet {
  private constructor(
    private readonly weights: ResNetWeights,
    private readonly tensors: readonly tf.Tensor[],
  ) {}

  /**
   * Reads weights under torchvision's names (`conv1`, `bn1`, `layer1` … `layer4`) and folds each batch norm into the
   * convolution before it, unless its statistics are those of the images. What else is in the checkpoint, such as `fc`, is not read.
   *
   * @throws {@link FormatError} when a weight is missing or has another shape than `config` says.
   */
  static async load(
    checkpoint: Checkpoint,
    config: ResNetConfig,
    options: LoadResNetOptions = {},
  ): Promise<ResNet> {
    const { lastStage = 4, statistics = 'running' } = options;
    checkStages('ResNet.load', [lastStage], 4);
    const tensors: tf.Tensor[] = [];
    const read = (spec: Parameters<typeof readFolded>[1]) =>
      readFolded(checkpoint, spec, statistics, tensors);
    try {
      const first = await read(stem);
      const blocks: Block[][] = [];
      for (const stage of stages.slice(0, lastStage)) {
        const stageWeights: Block[] = [];
        for (const { convolutions, shortcut } of stageBlocks(config, stage)) {
          const [reduce, spatial, expand] = convolutions;
          stageWeights.push({
            reduce: await read(reduce),
            spatial: await read(spatial),
            expand: await read(expand),
            shortcut: shortcut && (await read(shortcut)),
          });
        }
        blocks.push(stageWeights);
      }
      return new ResNet({ stem: first, stages: blocks }, tensors);
    } catch (error) {
      tf.dispose(tensors);
      throw error;
    }
  }

  /**
   * Outputs of residual stages after their last ReLU, differentiable to the pixels. Stages behind the last wanted one
   * are not computed.
   *
   * @param images - [B, H, W, 3], e.g. as `clipPreprocess` gives them with ImageNet's mean and standard deviation.
   * @param wanted - Which stages.
   * @returns Per wanted stage s [B, H/2^(s+1), W/2^(s+1), 64·2^(s+1)], sides rounded up. The caller owns them.
   * @throws {@link ShapeError} for other shapes, {@link ArgumentError} for a stage that was not loaded.
   */
  features(images: tf.Tensor4D, wanted: readonly ResNetStage[]): Map<ResNetStage, tf.Tensor4D> {
    if (images.shape.length !== 4 || images.shape[3] !== 3) {
      throw new ShapeError('ResNet features', '[B, H, W, 3]', images.shape, 'channels come last');
    }
    checkStages('ResNet features', wanted, this.weights.stages.length);
    const ordered = stages.filter((stage) => wanted.includes(stage));
    const outputs = tf.tidy(() => {
      const kept: tf.Tensor4D[] = []; // in the order of `ordered`: tidy looks into arrays, not into maps
      let x = tf.maxPool(tf.relu(convolve(images, this.weights.stem)), 3, 2, 1);
      for (const stage of stages.slice(0, ordered.at(-1) ?? 0)) {
        for (const block of this.weights.stages[stage - 1]) x = runBlock(x, block);
        if (ordered.includes(stage)) kept.push(x);
      }
      return kept;
    });
    return new Map(ordered.map((stage, i) => [stage, outputs[i]]));
  }

  /** Frees the weights. The network is unusable afterwards. */
  dispose(): void {
    tf.dispose([...this.tensors]);
  }
}

interface ResNetWeights {
  readonly stem: FoldedConvolution;
  readonly stages: readonly (readonly Block[])[];
}

interface Block {
  readonly reduce: FoldedConvolution;
  readonly spatial: FoldedConvolution;
  readonly expand: FoldedConvolution;
  readonly shortcut?: FoldedConvolution;
}

function checkStages(where: string, wanted: readonly number[], last: number): void {
  for (const stage of wanted) {
    if (!Number.isInteger(stage) || stage < 1 || stage > last) {
      throw new ArgumentError(where, `stages from 1 to ${last}`, stage, 'lastStage limits what is loaded');
    }
  }
}

function runBlock(x: tf.Tensor4D, { reduce, spatial, expand, shortcut }: Block): tf.Tensor4D {
  return tf.tidy(() => {
    const reduced = tf.relu(convolve(x, reduce));
    const expanded = convolve(tf.relu(convolve(reduced, spatial)), expand);
    return tf.relu(tf.add(expanded, shortcut ? convolve(x, shortcut) : x)) as tf.Tensor4D;
  });
}
