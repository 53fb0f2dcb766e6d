import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { decodePng } from '@anomclip/core/image';
import { writeOfflineBenchmark } from '@anomclip/datasets';
import { Redis } from 'ioredis';
import { chromium as launchChromium } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readGrid } from '../examples/reproduce/suite/grid.js';
import { root, run } from './workspace.js';

const redisServer = '/usr/bin/redis-server';
const chromium = process.env.ANOMCLIP_CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(chromium)) console.log(`no ${chromium}: the points of a report are not looked at`);
const hasRedis = existsSync(redisServer);
if (!hasRedis) console.log(`no ${redisServer}: the suite on Redis is not tested`);

const suite = ['--tsconfig', 'tsconfig.base.json', 'examples/reproduce/suite.ts'];

let folder: string;
let data: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'anomclip-suite-'));
  data = join(folder, 'benchmark');
  // The smallest scans on which every step of BTF has something to do.
  await writeOfflineBenchmark(data, 0, { categories: ['gasket', 'soap_bar'], height: 100, width: 100 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A cell for each of the classes and seeds. */
function writeGrid(name: string, seeds: readonly number[]): string {
  const path = join(folder, `${name}.json`);
  const btf = { reproduction: 'btf', trainSamples: 2, testSamples: 4, size: 112, seeds };
  writeFileSync(path, JSON.stringify({ title: 'BTF, tiny', shared: { data }, runs: [btf] }));
  return path;
}

function keysIn(output: string): string[] {
  const path = join(output, 'results.jsonl');
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { key: string }).key);
}

test('a grid makes a run of every combination of what varies, with the options of all', async () => {
  const path = join(folder, 'vary.json');
  const vary = { views: [3, 9], losses: ['pointGlobal', 'pointGlobal,viewGlobal'] };
  const pointad = { reproduction: 'pointad', methods: ['PointAD'], vary };
  writeFileSync(
    path,
    JSON.stringify({ title: 'T', shared: { small: true, seeds: [1, 2] }, runs: [pointad] }),
  );
  const { name, runs } = await readGrid(path, { seeds: '3' });
  expect(name).toBe('vary');
  expect(runs).toHaveLength(4);
  expect(runs[1]).toEqual({
    reproduction: 'pointad',
    args: ['--small', '--seeds=3', '--methods=PointAD', '--views=3', '--losses=pointGlobal,viewGlobal'],
    label: 'views 3, losses pointGlobal,viewGlobal',
  });
  writeFileSync(path, '{"runs": []}');
  await expect(readGrid(path)).rejects.toThrow('a grid: JSON with "title" and "runs"');
});

test('two processes run every cell of a grid once, those of the script itself; wrong options are named', async () => {
  const output = join(folder, 'local');
  const grid = writeGrid('local', [0]);
  await run('npx', ['tsx', ...suite, grid, '--workers', '2', '--output', output]);
  const script = ['--data', data, '--train-samples', '2', '--test-samples', '4', '--size', '112'];
  const planned = await run('npx', [
    ...['tsx', '--tsconfig', 'tsconfig.base.json', 'examples/reproduce/btf.ts', ...script],
    ...['--output', output], // finds all its cells finished
  ]);
  expect(keysIn(output)).toHaveLength(2);
  expect(planned).toMatch(/^BTF \(FPFH\) +[\d.]+ +[\d.]+ +[\d.]+$/m);
  const report = readFileSync(join(output, 'report.html'), 'utf8');
  expect(report, 'self-contained: nothing is loaded from elsewhere').not.toMatch(
    /(src|href)="https?:|import\(/,
  );

  writeFileSync(join(folder, 'wrong.json'), '{"title":"T","runs":[{"reproduction":"btf","sise":1}]}');
  await expect(run('npx', ['tsx', ...suite, join(folder, 'wrong.json')])).rejects.toThrow(
    "btf: unknown option '--sise=1'",
  );
});

test.skipIf(!existsSync(chromium))('a report shows its points from a file, without a network', async () => {
  const browser = await launchChromium.launch({
    executablePath: chromium,
    args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  });
  try {
    const page = await browser.newPage();
    const [errors, requests]: [string[], string[]] = [[], []];
    page.on('pageerror', ({ message }) => errors.push(message));
    page.on('request', (request) => requests.push(request.url()));
    const report = pathToFileURL(join(folder, 'local', 'report.html')).href;
    await page.goto(report);
    await page.getByRole('button', { name: 'points in space' }).first().click();
    const canvas = page.getByRole('img', { name: /^\d+ points of \w+\/test/ });
    const seen = async () => decodePng(await canvas.screenshot()).data;
    await canvas.press('0'); // with the focus, whose outline is seen too
    const first = await seen();
    // Drawn twice, a software renderer may round a value otherwise.
    const changed = async () => {
      const now = await seen();
      return first.filter((value, i) => Math.abs(value - now[i]) > 4).length;
    };
    expect(first.filter((value) => value > 128).length, 'points are painted').toBeGreaterThan(1000);
    await canvas.press('ArrowLeft');
    expect(await changed(), 'keys turn it').toBeGreaterThan(1000);
    await canvas.press('0');
    expect(await changed(), 'and back').toBeLessThan(100);
    await page.getByLabel('true mask').check();
    await canvas.press('0');
    expect(await changed(), 'other colours').toBeGreaterThan(1000);
    expect(errors).toEqual([]);
    expect(
      requests.filter((url) => url !== report && !url.startsWith('data:')),
      'nothing else is loaded',
    ).toEqual([]);
  } finally {
    await browser.close();
  }
});

describe.skipIf(!hasRedis)('on Redis', () => {
  const children = new Set<ChildProcess>();
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  function start(command: string, args: readonly string[]): ChildProcess {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    child.once('exit', () => children.delete(child));
    return child;
  }

  async function startRedis(port: number): Promise<ChildProcess> {
    const server = start(redisServer, [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
      ...['--appendonly', 'yes', '--appendfsync', 'always'],
    ]);
    await printed(server, 'Ready to accept connections');
    return server;
  }

  test('with one of three workers killed and the server restarted, every cell is in the results exactly once', async () => {
    const port = await freePort();
    const output = join(folder, 'collected');
    const grid = writeGrid('redis', [0, 1, 2, 3, 4]);
    const queue = ['--redis', `redis://127.0.0.1:${port}`];
    let server = await startRedis(port);
    const startWorker = (i: number) =>
      start(process.execPath, [
        ...['--import', 'tsx', 'examples/reproduce/suite.ts', 'work', ...queue],
        ...['--workers', '1', '--lease', '2', '--output', join(folder, `work-${i}`)],
      ]);
    const workers = [0, 1, 2].map(startWorker);
    const collector = start('npx', ['tsx', ...suite, 'collect', grid, ...queue, '--output', output]);
    const collected = new Promise<number | null>((resolve) => collector.once('exit', resolve));

    const [victim] = workers;
    await printed(victim, 'btf '); // it works on a cell
    await setTimeout(300);
    victim.kill('SIGKILL');

    while (keysIn(output).length < 3) await setTimeout(50);
    server.kill('SIGKILL');
    await setTimeout(1000); // workers finish cells meanwhile, and cannot tell
    server = await startRedis(port);

    expect(await collected).toBe(0);
    const keys = keysIn(output);
    expect(new Set(keys).size, 'nothing is lost').toBe(10);
    expect(keys, 'nothing is counted twice').toHaveLength(10);
    const connection = new Redis(port);
    expect(await connection.keys('bull:anomclip:cell-*'), 'nothing stays in the queue').toEqual([]);
    connection.disconnect();
  });
});

/** Until a process prints a text; rejects when it ends before. */
function printed(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let all = '';
    const onData = (chunk: Buffer) => {
      all += chunk;
      if (all.includes(text)) resolve();
    };
    child.stdout?.on('data', onData);
    child.stderr?.on('data', onData);
    child.once('exit', (code) => reject(new Error(`ended with ${code} before "${text}":\n${all}`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
