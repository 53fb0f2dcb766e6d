import { AnomclipError } from '@anomclip/core';
import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Progress } from '../../shared/progress.js';
import type { CellJob } from './cell-job.js';

/** Where the queue is. */
export interface QueueOptions {
  /** `redis://host:port`. */
  readonly redis: string;
  /** Its name in Redis; several suites may share a server. */
  readonly queue: string;
}

/**
 * Cells on their way between machines. The queue is no record: what is finished is in the results file, and whatever Redis
 * has lost is submitted again from there.
 */
export type CellQueue = Queue<CellJob, string>;

/** A connection that survives a restart of the server: commands wait until it is back. The caller disconnects it. */
export async function connectRedis({ redis }: QueueOptions, progress: Progress): Promise<Redis> {
  const { Redis } = await import('ioredis').catch(notInstalled);
  const { host } = new URL(redis); // without a password
  const connection = new Redis(redis, {
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(200 * times, 2000),
  });
  let isAway = false;
  connection.on('error', (error) => {
    if (!isAway) progress.line(`Redis at ${host}: ${error.message || 'no connection'}; waiting for it`);
    isAway = true;
  });
  connection.on('ready', () => {
    if (isAway) progress.line(`Redis at ${host} is back`);
    isAway = false;
  });
  return connection;
}

/** The caller closes it. */
export async function openCellQueue(connection: Redis, { queue }: QueueOptions): Promise<CellQueue> {
  const { Queue } = await import('bullmq').catch(notInstalled);
  const opened = new Queue<CellJob, string>(queue, { connection });
  opened.on('error', () => {}); // said by the connection
  return opened;
}

/**
 * Submits those cells that the queue does not know, and those that failed in it once more. Submitting twice is harmless: the
 * id of a job is the key of its cell.
 */
export async function submitCells(queue: CellQueue, jobs: readonly CellJob[]): Promise<void> {
  const missing: CellJob[] = [];
  for (const job of jobs) {
    const known: Job<CellJob, string> | undefined = await queue.getJob(jobId(job.key));
    if (!known) missing.push(job);
    else if (await known.isFailed()) await known.retry('failed', { resetAttemptsMade: true });
  }
  await queue.addBulk(missing.map(bulkJob));
}

/** Submits what the queue has lost, and leaves the rest alone. */
export async function resubmitLost(queue: CellQueue, jobs: readonly CellJob[]): Promise<void> {
  const states = await Promise.all(jobs.map(({ key }) => queue.getJobState(jobId(key))));
  await queue.addBulk(jobs.filter((_, i) => states[i] === 'unknown').map(bulkJob));
}

function bulkJob(job: CellJob) {
  return {
    name: job.reproduction,
    data: job,
    // A cell that throws is tried again: another machine may have what this one lacks.
    opts: { jobId: jobId(job.key), attempts: 3, backoff: { type: 'exponential', delay: 1000 } },
  };
}

/** Prefixed, since ids of digits alone are refused. */
export function jobId(key: string): string {
  return `cell-${key}`;
}

export function notInstalled(error: unknown): never {
  throw new AnomclipError('--redis needs the packages bullmq and ioredis; install them', { cause: error });
}
