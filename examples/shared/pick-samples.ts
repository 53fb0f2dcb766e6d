import { ArgumentError } from '@anomclip/core';
import type { Rng } from '@anomclip/core/random';
import type { Sample } from '@anomclip/datasets';

/** `count` of the normal training samples, drawn by `rng`, in their order. */
export function pickTrainSamples(samples: readonly Sample[], count: number, rng: Rng): Sample[] {
  if (count > samples.length) {
    throw new ArgumentError(
      '--train-scans',
      `at most the ${samples.length} training scans that there are`,
      count,
    );
  }
  const chosen = rng.fork('train').sample(samples.length, count).sort();
  return Array.from(chosen, (index) => samples[index]);
}

/** At most `count` test samples in their order, spread evenly over the defect types and the normal ones. */
export function pickTestSamples(samples: readonly Sample[], count = samples.length): Sample[] {
  if (samples.length === 0)
    throw new ArgumentError('the chosen classes', 'classes with test samples', 'one without any');
  const turns = new Map<string, number>(); // samples seen so far, per type
  const inTurn = samples.map((sample, index) => {
    const turn = turns.get(sample.defectType) ?? 0;
    turns.set(sample.defectType, turn + 1);
    return { sample, index, turn };
  });
  // The first of every type, normal ones included, then the second of every type, and so on.
  const chosen = inTurn.sort((a, b) => a.turn - b.turn || a.index - b.index).slice(0, count);
  return chosen.sort((a, b) => a.index - b.index).map(({ sample }) => sample);
}
