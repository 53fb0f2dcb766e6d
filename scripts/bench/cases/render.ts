import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { estimateNormals } from '@anomclip/pointcloud';
import { type Drawable, renderViews, viewPoses } from '@anomclip/pointcloud/views';
import { compare, withFiles } from '../compare.js';
import { Peer } from '../peer.js';
import { scannedPoints } from '../scanned-points.js';

const points = 75_000;
const mostSeconds = 1.5;
const mostMegabytes = 300;

/** Nine views at 1024 × 1024, resized to 336 × 336, against Open3D's visualiser on a software display. */
export async function benchRender(rounds: number): Promise<boolean> {
  const drawable = scan(points);
  const fastEnough = await compareWithOpen3d(drawable, rounds);
  const seconds = fastest(rounds, () => renderViews(drawable, { pointSize: 8 }));
  report(`nine views of ${points} points, processor time`, seconds, mostSeconds, 's');
  const linear = scales(rounds);
  const megabytes = memory();
  report('memory of the process that renders them', megabytes, mostMegabytes, 'MB');
  return fastEnough && linear && seconds <= mostSeconds && megabytes <= mostMegabytes;
}

function scan(count: number): Drawable {
  const positions = scannedPoints(count);
  return { positions, normals: estimateNormals(positions) };
}

async function compareWithOpen3d({ positions, normals }: Drawable, rounds: number): Promise<boolean> {
  const files = {
    points: Float64Array.from(positions),
    normals: Float64Array.from(normals ?? []),
    rotations: Float64Array.from(viewPoses().flatMap(({ rotation }) => [...rotation])),
  };
  return withFiles(files, async (path) => {
    const args = [path('points'), path('normals'), path('rotations'), '1024', '336', '8'];
    const display = ['xvfb-run', '-a', '-s', '-screen 0 1280x1280x24'];
    return compare(
      {
        name: `nine views of ${points} points`,
        ours: () => renderViews({ positions, normals }, { pointSize: 8 }),
        peer: await Peer.start('render.py', args, { launcher: display }),
        install: 'apt-get install python3-open3d python3-pil xvfb',
        atMost: 1 / 3,
      },
      rounds,
    );
  });
}

/** Processor time over points and over views: twice as much must not cost more than twice, with room for a noisy machine. */
function scales(rounds: number): boolean {
  const ofPoints = [1, 2, 4].map((times) => {
    const drawable = scan((points / 2) * times);
    return fastest(rounds, () => renderViews(drawable, { pointSize: 8 }));
  });
  const drawable = scan(points);
  const ofViews = [5, 10, 20].map((count) => {
    const poses = viewPoses({ count });
    return fastest(rounds, () => renderViews(drawable, { pointSize: 8, poses }));
  });
  const print = (times: readonly number[]) => times.map((time) => `${time.toFixed(3)} s`).join(', ');
  console.log(`nine views of ${points / 2}, ${points} and ${2 * points} points: ${print(ofPoints)}`);
  console.log(`5, 10 and 20 views of ${points} points: ${print(ofViews)}`);
  return [ofPoints, ofViews].every(([one, two, four]) => two <= 2.5 * one && four <= 2.5 * two);
}

function memory(): number {
  const program = fileURLToPath(new URL('../memory-of-rendering.ts', import.meta.url));
  const printed = execFileSync(process.execPath, [...process.execArgv, program, String(points)], {
    encoding: 'utf8',
  });
  return Number(printed);
}

/** Seconds of one core, which other work on the machine does not take: the least of all rounds. */
function fastest(rounds: number, work: () => void): number {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1e6);
  }
  return least;
}

function report(name: string, value: number, atMost: number, unit: string): void {
  const verdict = value <= atMost ? 'met' : 'MISSED';
  console.log(`${name}: ${value.toPrecision(3)} ${unit} (at most ${atMost} ${unit}: ${verdict})`);
}
