import { AnomclipError } from '../errors.js';

/** Training cannot go on: a loss or the gradient is not a finite number. Parameters and buffers are as before the step. */
export class TrainingError extends AnomclipError {
  override readonly name = 'TrainingError';
  constructor(
    /** From 0, over all epochs. */
    readonly step: number,
    readonly epoch: number,
    readonly losses: Readonly<Record<string, number>>,
    readonly gradientNorm: number,
  ) {
    const values = Object.entries(losses).map(([name, value]) => `${name} ${value}`);
    super(
      `train: step ${step} of epoch ${epoch} gave ${values.join(', ')} and a gradient of length ${gradientNorm}; ` +
        'resume from the last checkpoint with a lower learning rate or with maxGradientNorm',
    );
  }
}
