import { formatPercent } from '@anomclip/metrics';

/** Points of a curve from (0, 0) to (1, 1). */
export interface Curve {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** A curve of a chart and the style class that it is drawn with. */
export interface NamedCurve {
  readonly name: string;
  readonly style: string;
  readonly curve: Curve;
}

const side = 200;
const margin = { left: 42, top: 8, right: 8, bottom: 32 };

/** ROC curves as an SVG picture: false positive rate to the right, true positive rate up, chance dashed. */
export function rocChart(curves: readonly NamedCurve[]): string {
  const lines = curves.map(({ name, style, curve }) => {
    const points = Array.from(
      curve.x,
      (x, i) => `${(side * x).toFixed(1)},${(side * (1 - curve.y[i])).toFixed(1)}`,
    );
    return `<polyline class="curve ${style}" points="${points.join(' ')}"><title>${escapeHtml(name)}</title></polyline>`;
  });
  const ticks = [0, 0.5, 1].map((value) => {
    const offset = side * value;
    return `
    <path class="grid" d="M${offset} 0V${side}M0 ${side - offset}H${side}"/>
    <text x="${offset}" y="${side + 13}" text-anchor="middle">${value}</text>
    <text x="-5" y="${side - offset + 4}" text-anchor="end">${value}</text>`;
  });
  return svg(
    side,
    side,
    'ROC curves',
    `${ticks.join('')}
    <path class="chance" d="M0 ${side}L${side} 0"/>
    ${lines.join('\n    ')}
    <text x="${side / 2}" y="${side + 27}" text-anchor="middle">false positive rate</text>
    <text transform="translate(-30 ${side / 2}) rotate(-90)" text-anchor="middle">true positive rate</text>`,
  );
}

/** Scores of normal scans below the line, of anomalous ones above it: one dot each. */
export function scoreStrip(normal: readonly number[], anomalous: readonly number[]): string {
  const [width, height] = [200, 56];
  const all = [...normal, ...anomalous];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const position = (score: number) => (high > low ? (width * (score - low)) / (high - low) : width / 2);
  const dots = (scores: readonly number[], y: number, style: string) =>
    scores
      .map((score) => `<circle class="${style}" cx="${position(score).toFixed(1)}" cy="${y}" r="4"/>`)
      .join('');
  return svg(
    width,
    height,
    'image scores',
    `<path class="grid" d="M0 ${height / 2}H${width}"/>
    ${dots(anomalous, height / 2 - 11, 'anomalous')}
    ${dots(normal, height / 2 + 11, 'normal')}
    <text x="0" y="${height + 13}">${formatScore(low)}</text>
    <text x="${width / 2}" y="${height + 13}" text-anchor="middle">image score</text>
    <text x="${width}" y="${height + 13}" text-anchor="end">${formatScore(high)}</text>`,
  );
}

/**
 * How many normal scores there are of each height, and how many anomalous ones, each as a share of its own kind: there are
 * far more normal pixels than anomalous ones.
 *
 * @param name - What is counted, e.g. `pixels`.
 * @param low - Score at the left edge; `high` at the right one.
 */
export function scoreHistogram(
  { normal, anomalous }: { readonly normal: readonly number[]; readonly anomalous: readonly number[] },
  { name, low, high }: { readonly name: string; readonly low: number; readonly high: number },
): string {
  const [width, height] = [200, 70];
  const shares = (counts: readonly number[]) => {
    const total = counts.reduce((sum, count) => sum + count, 0) || 1;
    return counts.map((count) => count / total);
  };
  const [ofNormal, ofAnomalous] = [shares(normal), shares(anomalous)];
  // The root, so that small shares stay visible beside the background's large one.
  const top = Math.sqrt(Math.max(...ofNormal, ...ofAnomalous)) || 1;
  const step = width / normal.length;
  const outline = (values: readonly number[]) =>
    values
      .map((share, i) => {
        const y = (height * (1 - Math.sqrt(share) / top)).toFixed(1);
        return `${(i * step).toFixed(1)},${y} ${((i + 1) * step).toFixed(1)},${y}`;
      })
      .join(' ');
  const area = (values: readonly number[], style: string) =>
    `<polygon class="histogram ${style}" points="0,${height} ${outline(values)} ${width},${height}"><title>${style}</title></polygon>`;
  return svg(
    width,
    height,
    `${name} by score, normal and anomalous`,
    `${area(ofNormal, 'normal')}
    ${area(ofAnomalous, 'anomalous')}
    <path class="grid" d="M0 ${height}H${width}"/>
    <text x="0" y="${height + 13}">${formatScore(low)}</text>
    <text x="${width / 2}" y="${height + 13}" text-anchor="middle">${escapeHtml(name)} by score</text>
    <text x="${width}" y="${height + 13}" text-anchor="end">${formatScore(high)}</text>`,
  );
}

/** A number with a bar from 50 (chance for AUROC) to 100 behind it. */
export function bar(value: number): string {
  const share = Math.min(1, Math.max(0, (value - 0.5) / 0.5)) || 0;
  return `<span class="value" style="--share:${(100 * share).toFixed(0)}%">${formatPercent(value)}</span>`;
}

/** Three significant digits. */
export function formatScore(score: number): string {
  return String(Number(score.toPrecision(3)));
}

/** Text as it may stand in HTML, quotes included. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

function svg(width: number, height: number, label: string, content: string): string {
  const [fullWidth, fullHeight] = [width + margin.left + margin.right, height + margin.top + margin.bottom];
  return `<svg viewBox="0 0 ${fullWidth} ${fullHeight}" width="${fullWidth}" height="${fullHeight}" role="img" aria-label="${label}">
  <g transform="translate(${margin.left} ${margin.top})">${content}
  </g></svg>`;
}
