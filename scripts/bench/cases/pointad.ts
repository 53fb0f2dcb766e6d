import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Which work a process does: score a cloud, a step with cached features alone, or all of a training, encoding first. */
export type PointadWork = 'predict' | 'step' | 'train';

const titles: Readonly<Record<PointadWork, string>> = {
  predict: 'a cloud scored',
  step: 'a step of 4 clouds, cached features',
  train: 'a step of 4 clouds after encoding them, one tower in memory at a time',
};
const secondsAtMost: Partial<Record<PointadWork, number>> = { step: 10, train: 10 };
const megabytesAtMost = 3072;

/** PointAD at full size, ViT-L/14@336 with random weights on ONNX Runtime and wasm: nine views, each in a process of its own. */
export async function benchPointad(): Promise<boolean> {
  let allMet = true;
  for (const work of ['step', 'predict', 'train'] as const) {
    const [seconds, megabytes] = run(work);
    const atMost = secondsAtMost[work] ?? Number.POSITIVE_INFINITY;
    const met = seconds <= atMost && megabytes <= megabytesAtMost;
    const bar = `at most ${Number.isFinite(atMost) ? `${atMost} s and ` : ''}${megabytesAtMost} MB: ${met ? 'met' : 'MISSED'}`;
    console.log(
      `PointAD, ${titles[work]}: ${seconds.toFixed(2)} s, peak ${megabytes.toFixed(0)} MB (${bar})`,
    );
    allMet &&= met;
  }
  return allMet;
}

function run(work: PointadWork): number[] {
  const program = fileURLToPath(new URL('../pointad-work.ts', import.meta.url));
  const printed = execFileSync(process.execPath, [...process.execArgv, program, work], { encoding: 'utf8' });
  return printed.trim().split(' ').map(Number);
}
