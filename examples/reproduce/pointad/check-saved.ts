import { AnomclipError } from '@anomclip/core';
import { askWorker, startWorker } from '../../shared/worker-process.js';
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
  const check: SavedCheck = {
    options: { backend, native, output, ...(clip !== undefined && { clip }) },
    root: target.root,
    file,
    className,
    id: first.id,
    views,
  };
  const worker = startWorker(new URL('./score-saved.ts', import.meta.url));
  try {
    const imageScore = await askWorker<number>(worker, check, { name: file });
    const difference = Math.abs(imageScore - first.imageScore);
    if (difference <= 1e-5) return difference;
    throw new AnomclipError(
      `${file}: ${first.id} scores ${first.imageScore}, and ${imageScore} in another process`,
    );
  } finally {
    worker.kill();
  }
}
