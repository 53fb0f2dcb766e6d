import { ArgumentError } from '@anomclip/core';
import { btf } from '../btf/reproduction.js';
import { clipFsacPp } from '../clip-fsac-pp/reproduction.js';
import { clip3dAd } from '../clip3d-ad/reproduction.js';
import type { Reproduction } from '../driver/reproduction.js';
import { pointad } from '../pointad/reproduction.js';
import { winclip } from '../winclip/reproduction.js';

/** All that grids may name. */
const reproductions: readonly Reproduction[] = [btf, clip3dAd, clipFsacPp, pointad, winclip];

/** @throws {@link ArgumentError} when there is none of that name. */
export function reproductionOf(name: string): Reproduction {
  const found = reproductions.find((known) => known.name === name);
  if (found) return found;
  const names = reproductions.map((known) => known.name).join(', ');
  throw new ArgumentError('reproduction', `one of ${names}`, name);
}
