import { formatPercent, meanOverClasses } from '@anomclip/metrics';
import type { CategoryResult } from './results.js';

/** The results as aligned text. */
export function renderTable(categories: readonly CategoryResult[]): string {
  const header = ['category', 'I-AUROC', 'AP', 'P-AUROC', 'AUPRO', 's/scan', '  object: P-AUROC', 'AUPRO'];
  const rows = [...categories, { className: 'mean', ...meanOverClasses(categories).mean }].map((row) => [
    row.className,
    ...[row.imageAuroc, row.imageAp, row.pixelAuroc, row.aupro].map(formatPercent),
    row.secondsPerScan.toFixed(2),
    ...[row.foregroundPixelAuroc, row.foregroundAupro].map(formatPercent),
  ]);
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((cells) => cells[column].length)),
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ');
  const rule = '-'.repeat(line(header).length);
  return [line(header), rule, ...rows.slice(0, -1).map(line), rule, ...rows.slice(-1).map(line)].join('\n');
}
