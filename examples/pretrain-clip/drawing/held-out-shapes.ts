import { bevelled, box, circle, rounded, type ShapeFamily, smoothMaximum } from './shape.js';

/** Categories that training never sees, neither as images nor as words: the evaluation's. */
export const heldOutShapes: Readonly<Record<string, ShapeFamily>> = {
  cookie: (rng) => {
    const waves = rng.integer(9, 16);
    const phase = rng.uniform(0, 6);
    const edge = bevelled(rng);
    const lumps = Array.from({ length: 9 }, () => {
      const [radius, turn] = [0.7 * Math.sqrt(rng.uniform()), rng.uniform(0, 2 * Math.PI)];
      return { x: radius * Math.cos(turn), y: radius * Math.sin(turn), size: rng.uniform(0.08, 0.14) };
    });
    return {
      distance: (u, v) => 0.87 + 0.05 * Math.cos(waves * Math.atan2(v, u) + phase) - Math.sqrt(u * u + v * v),
      height: (d, u, v) => {
        let height = edge(d);
        for (const { x, y, size } of lumps) height += 0.7 * Math.max(0, circle(u, v, size, x, y));
        return height;
      },
    };
  },
  horseshoe: (rng) => {
    const halfWidth = rng.uniform(0.18, 0.25);
    const radius = 0.9 - halfWidth;
    return {
      distance: (u, v) => {
        const off = v > -0.1 ? Math.abs(circle(u, v, radius, 0, -0.1)) : Math.abs(Math.abs(u) - radius);
        return Math.min(halfWidth - off, v + 0.9);
      },
      height: bevelled(rng),
    };
  },
  carrot: (rng) => {
    const width = rng.uniform(0.36, 0.48);
    const round = rounded(rng, width);
    const ridges = rng.uniform(14, 24);
    return {
      distance: (u, v) => Math.min(width * (1 - 0.75 * ((u + 0.95) / 1.9)) - Math.abs(v), 0.95 - Math.abs(u)),
      height: (d, u) => round(d) + 0.015 * Math.sin(ridges * u),
    };
  },
  clover: (rng) => {
    const radius = rng.uniform(0.4, 0.48);
    return {
      distance: (u, v) =>
        smoothMaximum(circle(Math.abs(u), Math.abs(v), radius, 0.37, 0.37), circle(u, v, 0.25), 0.1),
      height: bevelled(rng),
    };
  },
  anchor: (rng) => {
    const [top, bottom] = [rng.uniform(0.45, 0.6), rng.uniform(0.7, 0.85)];
    const web = rng.uniform(0.15, 0.22);
    return {
      distance: (u, v) =>
        Math.max(box(u, v, top, 0.17, 0, 0.75), box(u, v, bottom, 0.17, 0, -0.75), box(u, v, web, 0.8)),
      height: bevelled(rng),
    };
  },
  waffle: (rng) => {
    const edge = bevelled(rng);
    const pitch = rng.uniform(0.3, 0.45);
    const depth = rng.uniform(0.3, 0.6);
    return {
      distance: (u, v) => box(u, v, 0.85, 0.85),
      height: (d, u, v) => {
        const toRidge = Math.min(
          Math.abs(u - pitch * Math.round(u / pitch)),
          Math.abs(v - pitch * Math.round(v / pitch)),
        );
        return edge(d) * (toRidge < 0.2 * pitch || d < 0.1 ? 1 : 1 - depth);
      },
    };
  },
  bottle: (rng) => {
    const body = rng.uniform(0.42, 0.55);
    const neck = rng.uniform(0.15, 0.22);
    const round = rounded(rng, body);
    return {
      distance: (u, v) => Math.max(box(u, v, 0.62, body, -0.33), box(u, v, 0.5, neck, 0.45)),
      height: round,
    };
  },
  shell: (rng) => {
    const ribs = rng.integer(9, 15);
    const edge = bevelled(rng);
    const depth = rng.uniform(0.1, 0.25);
    return {
      distance: (u, v) => {
        const [x, y] = [u, v + 0.75];
        const angle = Math.atan2(x, Math.max(1e-6, y));
        const r = Math.sqrt(x * x + y * y);
        const limit = 1.45 + 0.06 * Math.cos(2 * ribs * angle);
        return Math.min(limit - r, 0.8 * y - 0.6 * Math.abs(x) + 0.04);
      },
      height: (d, u, v) =>
        edge(d) * (1 - depth + depth * Math.cos(2 * ribs * Math.atan2(u, v + 0.76))) +
        0.1 * Math.max(0, v + 0.5),
    };
  },
};
