import type { AnomalyMap } from '@anomclip/core/image';
import { formatPercent } from '@anomclip/metrics';
import { escapeHtml, formatScore } from './charts.js';
import { scoreColour } from './score-colour.js';

/** A test sample that is shown. */
export interface Case {
  readonly role: 'best' | 'worst' | 'highest normal';
  readonly id: string;
  readonly imageScore: number;
  /** How well the map separates the mask within this sample; NaN for normal ones. */
  readonly pixelAuroc: number;
  /** PNG files of equal size. */
  readonly image: Uint8Array;
  readonly mask: Uint8Array;
  readonly map: Uint8Array;
}

/**
 * Image, true mask and map of a sample beside each other, and what the map got right.
 *
 * @param below - HTML that is put below them.
 */
export function caseStrip({ role, id, imageScore, pixelAuroc, image, mask, map }: Case, below = ''): string {
  const separation = Number.isNaN(pixelAuroc) ? '' : `, P-AUROC of this sample ${formatPercent(pixelAuroc)}`;
  return `<figure class="case">
<figcaption>${roles[role]}<br><code>${escapeHtml(id)}</code>, score ${formatScore(imageScore)}${separation}</figcaption>
<div class="row">${picture(image, 'image')}${picture(mask, role === 'highest normal' ? 'true mask: empty' : 'true mask')}${picture(map, 'anomaly map')}</div>${below}
</figure>`;
}

/** From the lowest score to the one that only a thousandth of the pixels exceeds: one hot pixel shall not dim the rest. */
export function scoreRange(maps: readonly AnomalyMap[]): [low: number, high: number] {
  const scores = new Float32Array(maps.reduce((sum, { data }) => sum + data.length, 0));
  let start = 0;
  for (const { data } of maps) {
    scores.set(data, start);
    start += data.length;
  }
  scores.sort();
  return [scores[0], scores[Math.floor(0.999 * (scores.length - 1))]];
}

const roles: Record<Case['role'], string> = {
  best: 'best: the map that separates the mask best',
  worst: 'worst: the map that separates the mask least',
  'highest normal': 'false alarm: the normal sample with the highest score',
};

function picture(png: Uint8Array, name: string): string {
  const data = Buffer.from(png).toString('base64');
  return `<figure><img alt="${name}" src="data:image/png;base64,${data}"><figcaption>${name}</figcaption></figure>`;
}

/** What the colours of the maps mean. */
export function colourBar([low, high]: readonly [number, number]): string {
  const stops = Array.from({ length: 17 }, (_, i) => `rgb(${scoreColour(i / 16).join(' ')})`);
  return `<div class="scale"><span>${formatScore(low)}</span>
<span class="bar" style="background:linear-gradient(90deg,${stops.join(',')})"></span><span>${formatScore(high)}</span>
<span>map score, the same scale in all maps of this category</span></div>`;
}
