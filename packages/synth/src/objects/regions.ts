/** Sizes of the 8-connected regions of a mask, in the order of their first pixels. */
export function regionSizes(mask: Uint8Array, width: number): number[] {
  const height = mask.length / width;
  const seen = new Uint8Array(mask.length);
  const sizes: number[] = [];
  const open: number[] = [];
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] === 0 || seen[start] === 1) continue;
    seen[start] = 1;
    open.push(start);
    let size = 0;
    for (let pixel = open.pop(); pixel !== undefined; pixel = open.pop()) {
      size++;
      const column = pixel % width;
      const row = (pixel - column) / width;
      for (let i = Math.max(0, row - 1); i <= Math.min(height - 1, row + 1); i++) {
        for (let j = Math.max(0, column - 1); j <= Math.min(width - 1, column + 1); j++) {
          const next = i * width + j;
          if (mask[next] === 0 || seen[next] === 1) continue;
          seen[next] = 1;
          open.push(next);
        }
      }
    }
    sizes.push(size);
  }
  return sizes;
}
