/** Parents of `count` single-item trees: item i is its own root. */
export function createForest(count: number): Uint32Array {
  const parents = new Uint32Array(count);
  for (let i = 0; i < count; i++) parents[i] = i;
  return parents;
}

/** Root of `item`'s tree, halving the path on the way. */
export function findRoot(parents: Uint32Array, item: number): number {
  let root = item;
  while (parents[root] !== root) {
    parents[root] = parents[parents[root]];
    root = parents[root];
  }
  return root;
}

/** Puts two trees under the smaller of their roots, so that a root is always the first item of its tree. */
export function unite(parents: Uint32Array, a: number, b: number): void {
  const rootA = findRoot(parents, a);
  const rootB = findRoot(parents, b);
  if (rootA < rootB) parents[rootB] = rootA;
  else parents[rootA] = rootB;
}
