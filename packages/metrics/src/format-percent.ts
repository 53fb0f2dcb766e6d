/**
 * A fraction as papers print it: in percent with one decimal, halves rounded away from zero; `–` for NaN.
 *
 * @param fraction - For example 0.98765, printed as `98.8`.
 */
export function formatPercent(fraction: number): string {
  if (Number.isNaN(fraction)) return '–';
  // 0.0725 · 1000 is 72.49999…: round to the digits a double is good for before rounding the half.
  const tenths = Number((Math.abs(fraction) * 1000).toPrecision(12));
  return ((Math.sign(fraction) * Math.round(tenths)) / 10).toFixed(1);
}
