/** Area under the ROC curve: the share of pairs of an anomalous and a normal point that are ranked right. */
export function auroc(scores: Float32Array, anomalous: Uint8Array): number {
  const order = Array.from(scores.keys()).sort((a, b) => scores[a] - scores[b]);
  let [rankSum, positives] = [0, 0];
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && scores[order[end]] === scores[order[start]]) end++;
    for (let i = start; i < end; i++) {
      if (anomalous[order[i]] === 0) continue;
      positives++;
      rankSum += (start + 1 + end) / 2; // ties share their mean rank
    }
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (order.length - positives));
}
