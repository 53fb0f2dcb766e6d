import type { FsacDataset } from '@anomclip/methods/clip-fsac-pp';
import { median } from '../compare.js';
import { Peer } from '../peer.js';

/** What a process of `fit-fsac.ts` does whenever it is told to. */
export interface FsacSetting {
  readonly work: 'train' | 'score';
  readonly dataset: FsacDataset;
  readonly shots: number;
  readonly epochs: number;
  /** Of the square images, before they are squeezed into 240 pixels. */
  readonly side: number;
}

/** Epochs that are timed, and those of the paper. */
const [timedEpochs, allEpochs] = [5, 100];
const testImages = 8;
const mostMinutes = 15;

/**
 * CLIP-FSAC++ at full size (ViT-B/16+ at 240 pixels, random weights, native encoder): seconds per step and per test image, peak
 * memory, and how long one shot takes for all epochs, with both kinds of synthetic anomalies at MVTec AD's and VisA's sizes.
 */
export async function benchFsac(rounds: number): Promise<boolean> {
  let allMet = true;
  for (const [dataset, side] of [
    ['mvtec-ad', 1024],
    ['visa', 1000],
  ] as const) {
    const setting = { dataset, shots: 1, side };
    // The difference of two lengths leaves out what happens once: encoding the shots, making the head.
    const [long, short] = [
      await measure({ ...setting, work: 'train', epochs: timedEpochs + 1 }, rounds),
      await measure({ ...setting, work: 'train', epochs: 1 }, rounds),
    ];
    const perStep = (long.seconds - short.seconds) / timedEpochs;
    const minutes = (short.seconds + (allEpochs - 1) * perStep) / 60;
    const met = minutes <= mostMinutes;
    allMet &&= met;
    console.log(
      `CLIP-FSAC++ with the settings of ${dataset}: ${perStep.toFixed(2)} s per step, peak ${long.megabytes.toFixed(0)} MB; ` +
        `1 shot, ${allEpochs} epochs: ${minutes.toFixed(1)} min (at most ${mostMinutes}: ${met ? 'met' : 'MISSED'})`,
    );
  }
  const score = await measure(
    { dataset: 'mvtec-ad', shots: 1, side: 1024, work: 'score', epochs: 1 },
    rounds,
  );
  console.log(
    `CLIP-FSAC++: ${(score.seconds / testImages).toFixed(3)} s per test image, peak ${score.megabytes.toFixed(0)} MB`,
  );
  return allMet;
}

async function measure(
  setting: FsacSetting,
  rounds: number,
): Promise<{ seconds: number; megabytes: number }> {
  const peer = await Peer.startOurs('fit-fsac.ts', [JSON.stringify(setting)]);
  try {
    await peer.seconds(); // compiled code
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push(await peer.seconds());
    return { seconds: median(times), megabytes: await peer.megabytes() };
  } finally {
    peer.stop();
  }
}
