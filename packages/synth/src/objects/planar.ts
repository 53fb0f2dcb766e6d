/*
 * Shapes in the plane as inside functions: the distance to the outline, positive inside, negative outside,
 * in the unit of the coordinates. Intersection is `Math.min`, union `Math.max`, difference `Math.min(a, -b)`.
 */

/** Disc around the origin. */
export function disc(x: number, y: number, radius: number): number {
  return radius - Math.sqrt(x * x + y * y);
}

/** Axis-parallel box around the origin with rounded corners; half sides include the rounding. */
export function box(x: number, y: number, halfX: number, halfY: number, corner = 0): number {
  const outX = Math.abs(x) - halfX + corner;
  const outY = Math.abs(y) - halfY + corner;
  const cornerX = Math.max(outX, 0);
  const cornerY = Math.max(outY, 0);
  return corner - Math.min(Math.max(outX, outY), 0) - Math.sqrt(cornerX * cornerX + cornerY * cornerY);
}

/** Distance to a polyline given as xy pairs (never negative: a line has no inside); infinite below two points. */
export function polylineDistance(x: number, y: number, points: readonly number[]): number {
  let best = Number.POSITIVE_INFINITY;
  for (let k = 0; k + 3 < points.length; k += 2) {
    const edgeX = points[k + 2] - points[k];
    const edgeY = points[k + 3] - points[k + 1];
    const toX = x - points[k];
    const toY = y - points[k + 1];
    const squaredLength = edgeX * edgeX + edgeY * edgeY;
    const along = squaredLength === 0 ? 0 : (toX * edgeX + toY * edgeY) / squaredLength;
    const t = Math.min(1, Math.max(0, along));
    const dx = toX - t * edgeX;
    const dy = toY - t * edgeY;
    const squared = dx * dx + dy * dy;
    if (squared < best) best = squared;
  }
  return Math.sqrt(best);
}

/** Union whose inner corner is filled over a width of about `blend`. */
export function smoothUnion(a: number, b: number, blend: number): number {
  const overlap = Math.max(0, blend - Math.abs(a - b)) / blend;
  return Math.max(a, b) + (overlap * overlap * blend) / 4;
}

/** 0 below `low`, 1 above `high`, a smooth step between. */
export function smoothstep(low: number, high: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return t * t * (3 - 2 * t);
}

/** Cross-section of a rounded edge over the inside distance: 0 at the outline, 1 from `radius` inwards. */
export function roundedEdge(inside: number, radius: number): number {
  if (inside <= 0) return 0;
  if (inside >= radius) return 1;
  const t = 1 - inside / radius;
  return Math.sqrt(1 - t * t);
}
