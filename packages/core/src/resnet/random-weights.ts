import { ArgumentError } from '../errors.js';
import type { Rng } from '../random/index.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import { type ConvolutionSpec, type ResNetConfig, stageBlocks, stages, stem } from './config.js';

export interface RandomResNetOptions {
  /**
   * The fan of He's variance 2 / fan: `out` counts k·k·outputs, as torchvision initialises, `in` k·k·inputs.
   * @defaultValue `'out'`
   */
  fan?: 'out' | 'in';
}

/**
 * Weights of a network that has never been trained: convolutions from a normal distribution of mean 0 and variance
 * 2 / fan (He et al. 2015, arXiv:1502.01852), batch norms that have seen nothing (scale 1, shift 0, mean 0,
 * variance 1). They are drawn when they are read, each from a fork of `rng` named after the weight, so they do not depend
 * on which stages are loaded or in which order.
 */
export function randomResNetWeights(
  config: ResNetConfig,
  rng: Rng,
  options: RandomResNetOptions = {},
): Checkpoint {
  const { fan = 'out' } = options;
  const shapes = new Map<string, readonly number[]>();
  const values = new Map<string, () => () => number>(); // per weight: begins a stream of its entries
  for (const { name, normName, kernel, inputs, outputs } of convolutionsOf(config)) {
    const spread = Math.sqrt(2 / (kernel * kernel * (fan === 'out' ? outputs : inputs)));
    const weight = `${name}.weight`;
    shapes.set(weight, [outputs, inputs, kernel, kernel]);
    values.set(weight, () => {
      const stream = rng.fork(weight);
      return () => stream.normal(0, spread);
    });
    for (const [part, value] of Object.entries({ weight: 1, bias: 0, running_mean: 0, running_var: 1 })) {
      shapes.set(`${normName}.${part}`, [outputs]);
      values.set(`${normName}.${part}`, () => () => value);
    }
  }
  return {
    shapes,
    async read(name) {
      const [shape, begin] = [shapes.get(name), values.get(name)];
      if (!shape || !begin)
        throw new ArgumentError('checkpoint', 'the name of a weight of the network', name);
      const next = begin();
      return Float32Array.from({ length: shape.reduce((product, side) => product * side, 1) }, next);
    },
  };
}

function convolutionsOf(config: ResNetConfig): ConvolutionSpec[] {
  const blocks = stages.flatMap((stage) => stageBlocks(config, stage));
  return [
    stem,
    ...blocks.flatMap(({ convolutions, shortcut }) => [...convolutions, ...(shortcut ? [shortcut] : [])]),
  ];
}
