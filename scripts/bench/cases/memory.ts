import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Large enough to stand out from what the process needs to start. */
const counts = [200_000, 400_000, 800_000];

/** Peak memory of normals and FPFH for growing clouds, each in a process of its own: linear, or worse? */
export async function benchMemory(): Promise<boolean> {
  const program = fileURLToPath(new URL('../memory-of-fpfh.ts', import.meta.url));
  const megabytes = counts.map((count) =>
    Number(
      execFileSync(process.execPath, [...process.execArgv, program, String(count)], { encoding: 'utf8' }),
    ),
  );
  counts.forEach((count, i) => {
    console.log(`normals and FPFH of ${count} points: ${megabytes[i].toFixed(0)} MB above the start`);
  });
  // The neighbour table is bounded, so memory grows by what a point needs and no faster.
  const growth = (megabytes[2] - megabytes[1]) / (megabytes[1] - megabytes[0]);
  console.log(
    `growth over the last doubling, relative to the one before: ${growth.toFixed(2)} (linear is 2)`,
  );
  return growth <= 2.5;
}
