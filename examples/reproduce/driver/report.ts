import { caseStrip, colourBar } from '../../shared/case-strip.js';
import { bar, escapeHtml, rocChart, scoreHistogram, scoreStrip } from '../../shared/charts.js';
import { style } from '../../shared/report-style.js';
import { type CloudCollection, cloudCollection } from '../point-viewer/embed-clouds.js';
import type { Evidence } from './cell.js';
import { type OverviewRow, overviewMetrics } from './overview.js';
import type { FinishedCell } from './results-file.js';
import type { SummaryTable } from './summarise.js';
import { formatEstimate, formatPaper, type PaperRowOf, paperName } from './text-table.js';

/** All that a report shows. */
export interface ReproductionReport {
  readonly title: string;
  /** Means of all parts; empty for a report of one. */
  readonly overview: readonly OverviewRow[];
  readonly parts: readonly ReportedPart[];
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly finished: readonly FinishedCell[];
}

/** What is shown of one reproduction. */
export interface ReportedPart {
  readonly name: string;
  readonly title: string;
  /** Paragraphs of plain text under the title: what was run, and how far it can be compared. */
  readonly notes: readonly string[];
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly tables: readonly SummaryTable[];
  /** Of the printed numbers. */
  readonly defects: readonly string[];
  readonly paperRowOf: PaperRowOf;
  /** Shown once per row and class. */
  readonly evidence: readonly { readonly row: string; readonly of: Evidence }[];
}

/** One HTML file that needs nothing else: pictures, charts, points and their viewer are inside. */
export async function renderReproduction(report: ReproductionReport): Promise<string> {
  const { title, overview, parts, settings, finished } = report;
  const clouds = cloudCollection();
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${overview.length > 0 ? overviewOfParts(overview) : ''}
${parts.map((part) => partOf(part, parts.length > 1, clouds)).join('\n')}
<h2>Runs</h2>
${runsOf(finished)}
<h2>Settings</h2>
${settingsOf(settings)}
${await clouds.script()}
</body>
</html>
`;
}

function overviewOfParts(rows: readonly OverviewRow[]): string {
  const isBest = (metric: string, value: number, dataset: string) =>
    rows.every((row) => row.dataset !== dataset || !(row.means[metric]?.mean > value));
  const cells = ({ dataset, means }: OverviewRow) =>
    overviewMetrics.map((metric) => {
      const estimate = means[metric];
      if (!estimate) return '<td>–</td>';
      const text = `${bar(estimate.mean)}${estimate.runs > 1 ? formatEstimate(estimate).replace(/^\S+/, '') : ''}`;
      return `<td>${isBest(metric, estimate.mean, dataset) ? `<strong>${text}</strong>` : text}</td>`;
    });
  return `<table class="results">
<thead><tr><th>mean over the classes</th><th>dataset</th>${overviewMetrics.map((metric) => `<th>${metric}</th>`).join('')}</tr></thead>
<tbody>
${rows.map((row) => `<tr><th>${escapeHtml(row.name)}</th><td>${escapeHtml(row.dataset)}</td>${cells(row).join('')}</tr>`).join('\n')}
</tbody></table>
<p class="fine">In percent, each row as its own paper evaluates it, so grids, backgrounds and limits differ between methods: see their sections.
Bold: the highest of a dataset.</p>`;
}

function partOf(part: ReportedPart, isOneOfMany: boolean, clouds: CloudCollection): string {
  const { title, notes, tables, defects, evidence, settings, paperRowOf } = part;
  const rows = [...new Set(evidence.map(({ row }) => row))];
  return `${isOneOfMany ? `<h2 class="part">${escapeHtml(title)}</h2>` : ''}
${notes.map((note) => `<p class="lead">${escapeHtml(note)}</p>`).join('\n')}
${tables.map((table) => tableOf(table, paperRowOf)).join('\n')}
<p class="fine">All values in percent. With several runs: mean ± standard deviation over the runs (divisor n − 1); the mean over the
classes averages the classes' means. A question mark: the printed number contradicts others of the paper.</p>
${defects.length > 0 ? `<ul class="fine">${defects.map((defect) => `<li>${escapeHtml(defect)}</li>`).join('')}</ul>` : ''}
${settingsOf(settings)}
${rows
  .map(
    (row) =>
      `<h2>${escapeHtml(row)}</h2>\n${evidence
        .filter((shown) => shown.row === row)
        .map(({ of }) => card(of, clouds))
        .join('\n')}`,
  )
  .join('\n')}`;
}

function settingsOf(settings: ReportedPart['settings']): string {
  const rows = settings.map(
    ([name, value]) => `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table class="settings">\n${rows.join('\n')}\n</table>`;
}

function tableOf(table: SummaryTable, paperRowOf: PaperRowOf): string {
  const rows = table.rows.map((row) => {
    const paper = paperRowOf(table, row);
    const cells = table.classNames.map((name) => `<td>${formatEstimate(row.classes[name])}</td>`);
    const printed = (name: string) => (paper ? formatPaper(paper, name) : '');
    const paperLine = paper
      ? `<tr><th class="reference">${escapeHtml(paperName(table, paper))}</th>${table.classNames.map((name) => `<td class="reference">${printed(name)}</td>`).join('')}<td class="reference">${printed('mean')}</td></tr>`
      : '';
    return `<tr><th>${escapeHtml(row.name)}</th>${cells.join('')}<td>${bar(row.mean.mean)}${row.mean.runs > 1 ? formatEstimate(row.mean).replace(/^\S+/, '') : ''}</td></tr>${paperLine}`;
  });
  const name = [table.metric, table.part, table.dataset].filter(Boolean).join(', ');
  return `<h2>${escapeHtml(name)}</h2>
<table class="results">
<thead><tr><th></th>${table.classNames.map((className) => `<th>${escapeHtml(className)}</th>`).join('')}<th>mean</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

function card(evidence: Evidence, clouds: CloudCollection): string {
  const { className, part, samples, imageRoc, pixelRoc, pro, pixelHistogram, mapRange, cases } = evidence;
  const scoresOf = (wanted: 0 | 1) =>
    samples.filter(({ label }) => label === wanted).map(({ score }) => score);
  const [normal, anomalous] = [scoresOf(0), scoresOf(1)];
  const curves = [
    { name: 'samples', style: 'scans', curve: imageRoc },
    ...(pixelRoc ? [{ name: 'pixels', style: 'pixels', curve: pixelRoc }] : []),
    ...(pro ? [{ name: 'regions', style: 'regions', curve: pro }] : []),
  ];
  const strips = cases.map(({ image, mask, map, cloud, ...rest }) =>
    caseStrip(
      { ...rest, image: bytes(image), mask: bytes(mask), map: bytes(map) },
      cloud ? clouds.button(rest.id, cloud) : '',
    ),
  );
  return `<section>
<h3>${escapeHtml([className, part].filter(Boolean).join(', '))}</h3>
<div class="card">
<div class="charts"><figure>
${rocChart(curves)}
<figcaption><span class="key scans"></span>samples${pixelRoc ? ' <span class="key pixels"></span>pixels' : ''}${pro ? ' <span class="key regions"></span>regions: per-region overlap' : ''}</figcaption>
</figure>
<figure>
${scoresChart(normal, anomalous)}
<figcaption><span class="key anomalous"></span>${anomalous.length} anomalous <span class="key normal"></span>${normal.length} normal</figcaption>
</figure>
${pixelHistogram && mapRange ? `<figure>\n${scoreHistogram(pixelHistogram, { name: 'pixels', low: mapRange[0], high: mapRange[1] })}\n<figcaption><span class="key anomalous"></span>anomalous <span class="key normal"></span>normal, root of the share</figcaption>\n</figure>` : ''}</div>
<div class="cases">
${strips.join('\n')}
${mapRange ? colourBar(mapRange) : ''}
</div>
</div>
</section>`;
}

/** A dot each, or counts where there are too many. */
function scoresChart(normal: readonly number[], anomalous: readonly number[]): string {
  const all = [...normal, ...anomalous];
  if (all.length <= 40) return scoreStrip(normal, anomalous);
  const bins = 20;
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const counts = (scores: readonly number[]) => {
    const found = new Array<number>(bins).fill(0);
    for (const score of scores)
      found[high > low ? Math.min(bins - 1, Math.floor((bins * (score - low)) / (high - low))) : 0]++;
    return found;
  };
  return scoreHistogram(
    { normal: counts(normal), anomalous: counts(anomalous) },
    { name: 'samples', low, high },
  );
}

function runsOf(finished: readonly FinishedCell[]): string {
  const rows = finished.map(
    ({ key, cell, seconds, details }) =>
      `<tr><th><code>${key}</code></th><td>${escapeHtml(cell.method)}</td><td>${cell.seed}</td><td>${seconds.toFixed(1)}</td>
<td><code>${escapeHtml(JSON.stringify({ classes: cell.classes, k: cell.k, ...cell.options }))}</code></td><td><code>${escapeHtml(JSON.stringify(details))}</code></td></tr>`,
  );
  return `<details><summary>${finished.length} cells with their whole configuration</summary>
<table class="results fine"><thead><tr><th>cell</th><th>method</th><th>seed</th><th>seconds</th><th>configuration</th><th>details</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table></details>`;
}

function bytes(base64: string): Uint8Array {
  return Buffer.from(base64, 'base64');
}
