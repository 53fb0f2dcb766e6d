import { createInterface } from 'node:readline';

/** Our side of a {@link Peer}: says who it is, then answers `run` with seconds and `memory` with megabytes. */
export async function serve(
  description: string,
  work: () => Promise<unknown>,
  megabytesAtStart: number,
): Promise<void> {
  console.log(description);
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'memory') {
      console.log(process.resourceUsage().maxRSS / 1024 - megabytesAtStart);
      continue;
    }
    const start = performance.now();
    await work();
    console.log((performance.now() - start) / 1000);
  }
}
