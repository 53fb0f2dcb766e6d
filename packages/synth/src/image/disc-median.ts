const bins = 766;

/**
 * Median over a disc, at the border with the nearest pixel repeated. A histogram slides along each row (Huang et al.
 * 1979), so that a step costs the rim of the disc, not its area.
 *
 * @param values - [height, width], whole numbers 0…765: sums of three 8-bit channels.
 */
export function discMedian(values: Uint16Array, height: number, width: number, radius: number): Uint16Array {
  const reach = Int32Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.floor(Math.sqrt(radius * radius - (i - radius) * (i - radius))),
  );
  const half = reach.reduce((sum, chord) => sum + 2 * chord + 1, 0) >> 1;
  const result = new Uint16Array(values.length);
  const histogram = new Int32Array(bins);
  const at = (row: number, column: number) =>
    values[Math.min(Math.max(row, 0), height - 1) * width + Math.min(Math.max(column, 0), width - 1)];
  for (let row = 0; row < height; row++) {
    histogram.fill(0);
    for (let i = -radius; i <= radius; i++) {
      const chord = reach[i + radius];
      for (let j = -chord; j <= chord; j++) histogram[at(row + i, j)]++;
    }
    let middle = 0;
    let below = 0; // values less than `middle`
    for (let column = 0; column < width; column++) {
      while (below + histogram[middle] <= half) below += histogram[middle++];
      while (below > half) below -= histogram[--middle];
      result[row * width + column] = middle;
      for (let i = -radius; i <= radius; i++) {
        const chord = reach[i + radius];
        const leaving = at(row + i, column - chord);
        const entering = at(row + i, column + chord + 1);
        histogram[leaving]--;
        if (leaving < middle) below--;
        histogram[entering]++;
        if (entering < middle) below++;
      }
    }
  }
  return result;
}
