import { caseStrip, colourBar } from '../../shared/case-strip.js';
import { bar, escapeHtml, rocChart, scoreStrip } from '../../shared/charts.js';
import { style } from '../../shared/report-style.js';
import type { Evidence } from './cell.js';
import type { FinishedCell } from './results-file.js';
import type { SummaryTable } from './summarise.js';
import { formatEstimate, formatPaper, type PaperRowOf, paperName } from './text-table.js';

/** All that a report shows. */
export interface ReproductionReport {
  readonly title: string;
  /** Paragraphs of plain text under the title: what was run, and how far it can be compared. */
  readonly notes: readonly string[];
  readonly tables: readonly SummaryTable[];
  /** Of the printed numbers. */
  readonly defects: readonly string[];
  readonly paperRowOf: PaperRowOf;
  /** Shown once per row and class. */
  readonly evidence: readonly { readonly row: string; readonly of: Evidence }[];
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly finished: readonly FinishedCell[];
}

/** One HTML file that needs nothing else: pictures and charts are inside. */
export function renderReproduction(report: ReproductionReport): string {
  const { title, notes, tables, defects, evidence, settings, finished } = report;
  const rows = [...new Set(evidence.map(({ row }) => row))];
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
${notes.map((note) => `<p class="lead">${escapeHtml(note)}</p>`).join('\n')}
${tables.map((table) => tableOf(table, report.paperRowOf)).join('\n')}
<p class="fine">All values in percent. With several runs: mean ± standard deviation over the runs (divisor n − 1); the mean over the
classes averages the classes' means. A question mark: the printed number contradicts others of the paper.</p>
${defects.length > 0 ? `<ul class="fine">${defects.map((defect) => `<li>${escapeHtml(defect)}</li>`).join('')}</ul>` : ''}
${rows
  .map(
    (row) =>
      `<h2>${escapeHtml(row)}</h2>\n${evidence
        .filter((shown) => shown.row === row)
        .map(({ of }) => card(of))
        .join('\n')}`,
  )
  .join('\n')}
<h2>Runs</h2>
${runsOf(finished)}
<h2>Settings</h2>
<table class="settings">
${settings.map(([name, value]) => `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`).join('\n')}
</table>
</body>
</html>
`;
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

function card({ className, part, samples, imageRoc, pixelRoc, mapRange, cases }: Evidence): string {
  const scoresOf = (wanted: 0 | 1) =>
    samples.filter(({ label }) => label === wanted).map(({ score }) => score);
  const [normal, anomalous] = [scoresOf(0), scoresOf(1)];
  const curves = [
    { name: 'samples', style: 'scans', curve: imageRoc },
    ...(pixelRoc ? [{ name: 'pixels', style: 'pixels', curve: pixelRoc }] : []),
  ];
  const strips = cases.map(({ image, mask, map, ...rest }) =>
    caseStrip({ ...rest, image: bytes(image), mask: bytes(mask), map: bytes(map) }),
  );
  return `<section>
<h3>${escapeHtml([className, part].filter(Boolean).join(', '))}</h3>
<div class="card">
<div class="charts"><figure>
${rocChart(curves)}
<figcaption><span class="key scans"></span>samples <span class="key pixels"></span>pixels</figcaption>
</figure>
<figure>
${scoreStrip(normal, anomalous)}
<figcaption><span class="key anomalous"></span>${anomalous.length} anomalous <span class="key normal"></span>${normal.length} normal</figcaption>
</figure></div>
<div class="cases">
${strips.join('\n')}
${mapRange ? colourBar(mapRange) : ''}
</div>
</div>
</section>`;
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
