import { bevelled, box, circle, rounded, type ShapeFamily, smoothMaximum, toSegment } from './shape.js';

/** Training categories with round outlines. */
export const roundShapes: Readonly<Record<string, ShapeFamily>> = {
  disc: (rng) => ({ distance: (u, v) => circle(u, v, 0.92), height: bevelled(rng) }),
  cone: (rng) => {
    const height = rng.uniform(0.3, 0.6);
    return { distance: (u, v) => circle(u, v, 0.92), height: (d) => (height * d) / 0.92 };
  },
  dome: (rng) => ({ distance: (u, v) => circle(u, v, 0.92), height: rounded(rng, 0.92 * 0.7) }),
  bowl: (rng) => {
    const edge = bevelled(rng);
    const depth = rng.uniform(0.2, 0.45);
    return {
      distance: (u, v) => circle(u, v, 0.92),
      height: (d, u, v) => 0.6 * edge(d) + depth * (u * u + v * v),
    };
  },
  'stepped disc': (rng) => {
    const edge = bevelled(rng);
    const step = rng.uniform(0.06, 0.14);
    const [first, second] = [rng.uniform(0.55, 0.7), rng.uniform(0.25, 0.4)];
    return {
      distance: (u, v) => circle(u, v, 0.92),
      height: (d, u, v) =>
        0.6 * edge(d) + step * (rise(circle(u, v, first), 0.05) + rise(circle(u, v, second), 0.05)),
    };
  },
  torus: (rng) => {
    const halfWidth = rng.uniform(0.22, 0.32);
    return {
      distance: (u, v) => halfWidth - Math.abs(circle(u, v, 0.92 - halfWidth)),
      height: rounded(rng, halfWidth),
    };
  },
  washer: (rng) => {
    const hole = rng.uniform(0.3, 0.5);
    return {
      distance: (u, v) => Math.min(circle(u, v, 0.92), -circle(u, v, hole)),
      height: bevelled(rng),
    };
  },
  capsule: (rng) => {
    const radius = rng.uniform(0.28, 0.42);
    const end = 0.95 - radius;
    return { distance: (u, v) => radius - toSegment(u, v, -end, 0, end, 0), height: rounded(rng, radius) };
  },
  ellipsoid: (rng) => {
    const minor = rng.uniform(0.5, 0.7);
    return {
      distance: (u, v) => minor * (1 - Math.sqrt((u / 0.95) ** 2 + (v / minor) ** 2)),
      height: rounded(rng, minor),
    };
  },
  drop: (rng) => {
    const radius = rng.uniform(0.45, 0.58);
    return {
      distance: (u, v) => {
        const along = Math.min(1, Math.max(0, (0.95 - v) / 1.4)); // 0 at the tip
        const taper = radius * along * (1.15 - 0.15 * along) - Math.abs(u);
        return v > -0.45 ? Math.min(taper, 0.95 - v) : circle(u, v, radius, 0, -0.43);
      },
      height: rounded(rng, radius),
    };
  },
  peanut: (rng) => {
    const [left, right] = [rng.uniform(0.38, 0.5), rng.uniform(0.4, 0.52)];
    return {
      distance: (u, v) => smoothMaximum(circle(u, v, left, -0.48), circle(u, v, right, 0.42), 0.35),
      height: rounded(rng, 0.5),
    };
  },
  'bumpy ball': (rng) => {
    const base = rounded(rng, 0.6);
    const waves = rng.uniform(9, 15);
    const bump = rng.uniform(0.03, 0.07);
    return {
      distance: (u, v) => circle(u, v, 0.9),
      height: (d, u, v) => base(d) + bump * Math.sin(waves * u) * Math.sin(waves * v) * Math.min(1, d / 0.2),
    };
  },
  button: (rng) => {
    const edge = bevelled(rng);
    const rim = rng.uniform(0.05, 0.12);
    const hole = rng.uniform(0.09, 0.13);
    return {
      distance: (u, v) => Math.min(circle(u, v, 0.92), -circle(Math.abs(u), Math.abs(v), hole, 0.2, 0.2)),
      height: (d, u, v) => edge(d) + rim * rise(0.2 - circle(u, v, 0.92), 0.08),
    };
  },
  crescent: (rng) => {
    const shift = rng.uniform(0.35, 0.5);
    return {
      distance: (u, v) => Math.min(circle(u, v, 0.92), -circle(u, v, 0.68, shift)),
      height: bevelled(rng),
    };
  },
  heart: (rng) => ({
    distance: (u, v) => {
      const [x, y] = [1.15 * u, 1.1 * v + 0.15];
      const q = x * x + y * y - 1;
      return 0.22 * (x * x * y * y * y - q * q * q);
    },
    height: bevelled(rng),
  }),
  link: (rng) => {
    const halfWidth = rng.uniform(0.17, 0.24);
    const radius = rng.uniform(0.3, 0.4);
    const end = 0.93 - halfWidth - radius;
    return {
      distance: (u, v) => halfWidth - Math.abs(radius - toSegment(u, v, -end, 0, end, 0)),
      height: rounded(rng, halfWidth),
    };
  },
  dumbbell: (rng) => {
    const radius = rng.uniform(0.32, 0.42);
    const end = 0.95 - radius;
    const bar = rng.uniform(0.13, 0.2);
    return {
      distance: (u, v) => Math.max(circle(Math.abs(u), v, radius, end), box(u, v, end, bar)),
      height: bevelled(rng),
    };
  },
  fish: (rng) => {
    const belly = rng.uniform(0.36, 0.46);
    const round = rounded(rng, belly);
    return {
      distance: (u, v) => {
        const body = belly * (1 - Math.sqrt(((u + 0.25) / 0.7) ** 2 + (v / belly) ** 2));
        const tail = Math.min(0.95 - u, u - 0.3, 0.85 * (u - 0.2) - Math.abs(v));
        return Math.max(body, 0.8 * tail);
      },
      height: (d, u) => (u < 0.4 ? round(d) : Math.min(round(d), 0.12 + 0.1 * d)),
    };
  },
  leaf: (rng) => {
    const width = rng.uniform(0.4, 0.52);
    const edge = bevelled(rng);
    const veins = rng.integer(5, 9);
    return {
      distance: (u, v) => 0.8 * (width * (1 - (u / 0.95) ** 2) - Math.abs(v)),
      height: (d, u, v) =>
        0.7 * edge(d) +
        0.04 * Math.cos(veins * Math.PI * (u - Math.abs(v))) -
        0.08 * rise(0.05 - Math.abs(v), 0.04),
    };
  },
};

/** 0 below 0, 1 above `width`, smooth between. */
function rise(distance: number, width: number): number {
  const t = Math.min(1, Math.max(0, distance / width));
  return t * t * (3 - 2 * t);
}
