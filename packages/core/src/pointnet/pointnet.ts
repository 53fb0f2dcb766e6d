import * as tf from '@tensorflow/tfjs';
import { ArgumentError, ShapeError } from '../errors.js';
import type { Rng } from '../random/index.js';
import { type LinearWeights, linear } from '../tensor/index.js';
import { ModelState } from '../training/model-state.js';
import type { PointNetConfig } from './config.js';
import {
  chooseGroups,
  describeGroups,
  describeNeighbours,
  gatherPoints,
  type LevelGroups,
  type LevelRows,
  levelRows,
} from './set-abstraction.js';
import { addLinear, addMlp, type MlpLayer, runMlp } from './shared-mlp.js';

export interface PointNetMode {
  /**
   * Given, the network trains, i.e. batch norm uses the batch and moves its running statistics; absent, it evaluates. The
   * stream of dropout, or its mask.
   */
  training?: Rng | DropoutMask;
}

/** What dropout multiplies with, as a part of the batch, so that a recorded step can be given another one. */
export interface DropoutMask {
  /** [B, the last of `headWidths`]; absent without dropout. */
  readonly mask?: tf.Tensor2D;
}

export interface PointNetOptions {
  /** Where its variables go, e.g. beside those of another network; the caller frees it. @defaultValue one of its own */
  readonly state?: ModelState;
  /** In front of the variables' names, e.g. `'classifier.'`. @defaultValue '' */
  readonly prefix?: string;
}

/** A trainable PointNet++: clouds of N points → one vector each. It owns its state unless one is given. */
export class PointNet {
  /** Parameters and running statistics, for optimiser, checkpoints and files. */
  readonly state: ModelState;
  readonly #levels: MlpLayer[][][];
  readonly #global: MlpLayer[];
  readonly #head: MlpLayer[];
  readonly #last: LinearWeights;

  /** @param rng - Initial values are drawn from forks of it: uniform in ±1/√inputs. */
  constructor(
    readonly config: PointNetConfig,
    rng: Rng,
    private readonly options: PointNetOptions = {},
  ) {
    const { state = new ModelState(), prefix = '' } = options;
    this.state = state;
    const { levels, globalWidths, headWidths, headNorm, outputs, dropout } = config;
    if (!(dropout >= 0 && dropout < 1)) throw new ArgumentError('PointNet', 'dropout in [0, 1)', dropout);
    let width = 0;
    this.#levels = levels.map(({ scales }, level) => {
      const mlps = scales.map(({ widths }, scale) =>
        addMlp(state, `${prefix}levels.${level}.${scale}`, 3 + width, widths, rng),
      );
      width = scales.reduce((sum, { widths }) => sum + (widths.at(-1) ?? 0), 0);
      return mlps;
    });
    this.#global = addMlp(state, `${prefix}global`, 3 + width, globalWidths, rng);
    this.#head = addMlp(state, `${prefix}head`, globalWidths.at(-1) ?? 0, headWidths, rng, headNorm);
    this.#last = addLinear(state, `${prefix}last`, headWidths.at(-1) ?? 0, outputs, rng);
  }

  /**
   * Chooses the groups of every level, once for all networks of the same layout.
   *
   * @param points - [B, N, 3] row-major.
   */
  chooseGroups(points: Float32Array, batch: number): LevelGroups[] {
    let current = points;
    return this.config.levels.map(({ centres, scales }) => {
      const groups = chooseGroups(current, batch, centres, scales);
      current = groups.centrePoints;
      return groups;
    });
  }

  /**
   * The groups as tensors, for a batch.
   *
   * @param pointCount - N
   * @returns New tensors.
   */
  groupRows(groups: readonly LevelGroups[], batch: number, pointCount: number): LevelRows[] {
    const { levels } = this.config;
    return groups.map((group, i) => levelRows(group, batch, i === 0 ? pointCount : levels[i - 1].centres));
  }

  /** Draws what dropout does to a batch. The caller owns it. */
  dropoutMask(batch: number, rng: Rng): DropoutMask {
    const { dropout, headWidths } = this.config;
    if (dropout === 0) return {};
    const width = headWidths.at(-1) ?? 0;
    const mask = Float32Array.from({ length: batch * width }, () =>
      rng.uniform() < dropout ? 0 : 1 / (1 - dropout),
    );
    return { mask: tf.tensor2d(mask, [batch, width]) };
  }

  /**
   * @param points - [B, N, 3], the points whose groups were chosen; in evaluation the result is differentiable to them, in
   *   training to the parameters.
   * @returns [B, outputs], no activation. The caller owns it.
   * @throws {@link ShapeError} for other shapes.
   */
  forward(
    points: tf.Tensor3D,
    groups: readonly LevelGroups[] | readonly LevelRows[],
    { training }: PointNetMode = {},
  ): tf.Tensor2D {
    const [batch, count] = points.shape;
    if (points.shape.length !== 3 || points.shape[2] !== 3) {
      throw new ShapeError('PointNet', '[B, N, 3]', points.shape);
    }
    this.checkGroups(groups, batch);
    return tf.tidy(() => {
      const rows = areTensors(groups) ? groups : this.groupRows(groups, batch, count);
      let [current, features]: [tf.Tensor3D, tf.Tensor3D | undefined] = [points, undefined];
      for (const [level, { centres, neighbours }] of rows.entries()) {
        const described = this.#levels[level].map((mlp, scale) =>
          describeNeighbours(current, features, centres, neighbours[scale], mlp, Boolean(training)),
        );
        current = gatherPoints(current, centres);
        features = tf.concat(described, 2);
      }
      const all = features ? tf.concat([current, features], 2) : current;
      const whole = describeGroups(tf.expandDims(all, 1), this.#global, Boolean(training));
      const hidden = runMlp(tf.squeeze(whole, [1]), this.#head, Boolean(training));
      const { mask } = training ? this.maskOf(training, batch) : {};
      return linear(mask ? tf.mul(hidden, mask) : hidden, this.#last) as tf.Tensor2D;
    });
  }

  /** Frees the state, unless it was given. */
  dispose(): void {
    if (!this.options.state) this.state.dispose();
  }

  private checkGroups(groups: readonly LevelGroups[] | readonly LevelRows[], batch: number): void {
    const sizes = groups.map(({ centres }) =>
      centres instanceof Int32Array ? centres.length : centres.size,
    );
    if (sizes.length === this.#levels.length && sizes.every((size) => size % batch === 0)) return;
    throw new ArgumentError('PointNet', `groups of ${this.#levels.length} levels from chooseGroups`, groups);
  }

  private maskOf(training: Rng | DropoutMask, batch: number): DropoutMask {
    return 'fork' in training ? this.dropoutMask(batch, training) : training;
  }
}

function areTensors(groups: readonly LevelGroups[] | readonly LevelRows[]): groups is readonly LevelRows[] {
  return groups.every(({ centres }) => !(centres instanceof Int32Array));
}
