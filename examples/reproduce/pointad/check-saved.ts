import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AnomclipError } from '@anomclip/core';
import type { PointadOptions } from './options.js';
import type { ViewSettings } from './plan.js';
import type { PointadStudy } from './run-cell.js';

/** What another process is asked to score. */
export interface SavedCheck {
  readonly options: Pick<PointadOptions, 'clip' | 'backend' | 'native' | 'output'>;
  readonly root: string;
  readonly file: string;
  readonly className: string;
  readonly id: string;
  readonly views: ViewSettings;
}

/** What it says. */
export type SavedAnswer = { readonly imageScore: number } | { readonly error: string };

/**
 * Loads a saved detector in a process of its own, which encodes everything anew, and scores a sample again.
 *
 * @returns How far the two scores are apart.
 * @throws `AnomclipError` when they differ by more than rounding.
 */
export async function checkSaved(
  { options, target }: PointadStudy,
  {
    file,
    className,
    first,
    views,
  }: {
    readonly file: string;
    readonly className: string;
    readonly first: { readonly id: string; readonly imageScore: number };
    readonly views: ViewSettings;
  },
): Promise<number> {
  const { clip, backend, native, output } = options;
  const answer = await ask({
    options: { backend, native, output, ...(clip !== undefined && { clip }) },
    root: target.root,
    file,
    className,
    id: first.id,
    views,
  });
  if ('error' in answer) throw new AnomclipError(`${file} in another process: ${answer.error}`);
  const difference = Math.abs(answer.imageScore - first.imageScore);
  if (difference <= 1e-5) return difference;
  throw new AnomclipError(
    `${file}: ${first.id} scores ${first.imageScore}, and ${answer.imageScore} in another process`,
  );
}

function ask(check: SavedCheck): Promise<SavedAnswer> {
  // In the place of this file, so that loaders such as tsx, given in execArgv, work for it too.
  const child = fork(fileURLToPath(new URL('./score-saved.ts', import.meta.url)));
  return new Promise((resolve) => {
    child.once('message', (answer: SavedAnswer) => {
      child.disconnect();
      resolve(answer);
    });
    child.once('exit', (code) => resolve({ error: `it ended with code ${code}` }));
    child.send(check);
  });
}
