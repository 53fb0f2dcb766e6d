import { formatPercent, meanOverClasses } from '@anomclip/metrics';
import { caseStrip, colourBar } from '../shared/case-strip.js';
import { bar, escapeHtml, rocChart, scoreStrip } from '../shared/charts.js';
import { style } from '../shared/report-style.js';
import { byDefect } from './by-defect.js';
import type { CategoryResult, RunResults } from './results.js';

/** The whole report as one HTML file that needs nothing else: pictures and charts are inside. */
export function renderReport(results: RunResults): string {
  const { title, categories, settings } = results;
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
${summary(results)}
<h2>Results</h2>
${table(categories)}
${notes}
<h2>By kind of defect</h2>
${defectTable(categories)}
<p class="fine">I-AUROC of the scans with this defect against all normal scans of their category, averaged over the categories.</p>
<h2>ROC curves of all categories</h2>
<div class="row">
${overview('Scans: is there a defect?', categories, ({ imageRoc }) => imageRoc)}
${overview('Pixels: where is it?', categories, ({ pixelRoc }) => pixelRoc)}
</div>
<p class="fine">One line per category; point at a line to see which.</p>
<h2>Categories</h2>
${categories.map(categoryCard).join('\n')}
<h2>Settings</h2>
<table class="settings">
${settings.map(([name, value]) => `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`).join('\n')}
</table>
</body>
</html>
`;
}

function summary({ categories, wallSeconds }: RunResults): string {
  const scans = categories.reduce((sum, { scans }) => sum + scans.length, 0);
  const { mean } = meanOverClasses(categories);
  return `<p class="lead">${scans} test scans of ${categories.length === 1 ? 'one category' : `${categories.length} categories`}, ${wallSeconds.toFixed(0)} s from start to finish. A random
anomalous scan outranks a random normal one with probability <b>${formatPercent(mean.imageAuroc)} %</b>, a random anomalous pixel a
random normal one with <b>${formatPercent(mean.pixelAuroc)} %</b> (means over the categories; a coin reaches 50 %).</p>`;
}

function table(categories: readonly CategoryResult[]): string {
  const cells = (
    row: Row,
  ) => `<td>${bar(row.imageAuroc)}</td><td>${bar(row.imageAp)}</td><td>${bar(row.pixelAuroc)}</td>
<td>${bar(row.aupro)}</td><td>${row.fitSeconds.toFixed(1)}</td><td>${row.secondsPerScan.toFixed(2)}</td>
<td class="reference">${formatPercent(row.foregroundPixelAuroc)}</td><td class="reference">${formatPercent(row.foregroundAupro)}</td>`;
  const rows = categories.map(
    (category) => `<tr><th>${escapeHtml(category.className)}</th>${cells(category)}</tr>`,
  );
  return `<table class="results">
<thead>
<tr><th></th><th colspan="2">scans</th><th colspan="2">pixels</th><th colspan="2">seconds</th><th colspan="2" class="reference">marking the whole object</th></tr>
<tr><th>category</th><th>I-AUROC</th><th>AP</th><th>P-AUROC</th><th>AUPRO</th><th>to learn</th><th>per scan</th>
<th class="reference">P-AUROC</th><th class="reference">AUPRO</th></tr>
</thead>
<tbody>
${rows.join('\n')}
</tbody>
<tfoot><tr><th>mean</th>${cells(meanOverClasses(categories).mean)}</tr></tfoot>
</table>`;
}

/** The columns of the table. */
type Row = Pick<
  CategoryResult,
  | 'imageAuroc'
  | 'imageAp'
  | 'pixelAuroc'
  | 'aupro'
  | 'fitSeconds'
  | 'secondsPerScan'
  | 'foregroundPixelAuroc'
  | 'foregroundAupro'
>;

const notes = `<div class="fine">
<p>All values in percent; bars span 50 to 100. <b>I-AUROC</b>, <b>AP</b>: ranking of whole scans by their image score. <b>P-AUROC</b>: ranking of
all pixels of the test scans, pooled. <b>AUPRO</b>: share of every defect that is covered, averaged over the defects and
over false positive rates up to 30 %, as the official evaluation of MVTec 3D-AD computes it (100 thresholds, mode
<code>mvtec3d</code>). Maps and masks are 224 x 224; every pixel counts, background included, which is why pixel values look high.</p>
<p><b>Marking the whole object</b> scores every pixel of the object alike and the background below it, without any
learning. It shows how much of a pixel value is owed to finding the object: a method that does not beat it has
learned nothing about where defects are.</p>
<p>BTF with FPFH looks at the shape only. Defects that change nothing but the colour (<code>stain</code> in the offline benchmark,
<code>color</code> in MVTec 3D-AD) are invisible to it, but count like the others.</p>
<p>With few test scans per category a single one moves I-AUROC by several points. Seconds per scan cover loading, removing the
background and scoring, while other categories ran beside it.</p>
</div>`;

function defectTable(categories: readonly CategoryResult[]): string {
  const rows = byDefect(categories).map(
    ({ defectType, categoryCount, scanCount, imageAuroc }) =>
      `<tr><th>${escapeHtml(defectType)}</th><td>${categoryCount}</td><td>${scanCount}</td><td>${bar(imageAuroc)}</td></tr>`,
  );
  return `<table class="results">
<thead><tr><th>defect</th><th>categories</th><th>scans</th><th>I-AUROC</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

function overview(
  title: string,
  categories: readonly CategoryResult[],
  curveOf: (category: CategoryResult) => CategoryResult['imageRoc'],
): string {
  const curves = categories.map((category) => ({
    name: category.className,
    style: 'faint',
    curve: curveOf(category),
  }));
  return `<figure><figcaption>${title}</figcaption>${rocChart(curves)}</figure>`;
}

function categoryCard(category: CategoryResult): string {
  const { className, scans, imageRoc, pixelRoc, imageAuroc, pixelAuroc, mapRange, cases } = category;
  const scoresOf = (wanted: 0 | 1) =>
    scans.filter(({ label }) => label === wanted).map(({ imageScore }) => imageScore);
  const [normal, anomalous] = [scoresOf(0), scoresOf(1)];
  const charts = `<figure>
${rocChart([
  { name: 'scans', style: 'scans', curve: imageRoc },
  { name: 'pixels', style: 'pixels', curve: pixelRoc },
])}
<figcaption><span class="key scans"></span>scans ${formatPercent(imageAuroc)} <span class="key pixels"></span>pixels ${formatPercent(pixelAuroc)}</figcaption>
</figure>
<figure>
${scoreStrip(normal, anomalous)}
<figcaption><span class="key anomalous"></span>${anomalous.length} anomalous <span class="key normal"></span>${normal.length} normal</figcaption>
</figure>`;
  return `<section>
<h3>${escapeHtml(className)}</h3>
<div class="card">
<div class="charts">${charts}</div>
<div class="cases">
${cases.map((shown) => caseStrip(shown)).join('\n')}
${colourBar(mapRange)}
</div>
</div>
</section>`;
}
