import { bevelled, box, circle, polygon, rounded, type ShapeFamily, toSegment } from './shape.js';

/** Training categories made of straight edges, teeth and ribs. */
export const angularShapes: Readonly<Record<string, ShapeFamily>> = {
  nut: (rng) => {
    const hole = rng.uniform(0.3, 0.45);
    return {
      distance: (u, v) => Math.min(polygon(u, v, 6, 0.85), -circle(u, v, hole)),
      height: bevelled(rng),
    };
  },
  frame: (rng) => {
    const hole = rng.uniform(0.4, 0.58);
    return {
      distance: (u, v) => Math.min(box(u, v, 0.85, 0.85), -box(u, v, hole, hole)),
      height: bevelled(rng),
    };
  },
  bar: (rng) => {
    const half = rng.uniform(0.25, 0.42);
    return { distance: (u, v) => box(u, v, 0.95, half), height: bevelled(rng) };
  },
  brick: (rng) => {
    const edge = bevelled(rng);
    const stud = rng.uniform(0.08, 0.16);
    return {
      distance: (u, v) => box(u, v, 0.95, 0.5),
      height: (d, u, v) =>
        edge(d) +
        (Math.max(
          circle(Math.abs(u), Math.abs(v), 0.16, 0.235, 0.24),
          circle(Math.abs(u), Math.abs(v), 0.16, 0.7, 0.24),
        ) > 0
          ? stud
          : 0),
    };
  },
  triangle: (rng) => ({ distance: (u, v) => polygon(u, v, 3, 0.48), height: bevelled(rng) }),
  pyramid: (rng) => {
    const steepness = rng.uniform(0.4, 0.8);
    return { distance: (u, v) => box(u, v, 0.8, 0.8), height: (d) => steepness * d };
  },
  star: (rng) => {
    const points = rng.integer(5, 9);
    const depth = rng.uniform(0.15, 0.3);
    return {
      distance: (u, v) => {
        const limit = 0.92 - depth + depth * Math.cos(points * Math.atan2(v, u));
        return 0.7 * (limit - Math.sqrt(u * u + v * v));
      },
      height: bevelled(rng),
    };
  },
  gear: (rng) => {
    const teeth = rng.integer(8, 15);
    const hole = rng.uniform(0.18, 0.32);
    return {
      distance: (u, v) => {
        const tooth = Math.max(-1, Math.min(1, 2 * Math.cos(teeth * Math.atan2(v, u))));
        const r = Math.sqrt(u * u + v * v);
        return Math.min(0.82 + 0.1 * tooth - r, r - hole);
      },
      height: bevelled(rng),
    };
  },
  wheel: (rng) => {
    const spokes = rng.integer(4, 8);
    const rim = rng.uniform(0.12, 0.17);
    return {
      distance: (u, v) => {
        const r = Math.sqrt(u * u + v * v);
        const turn = (Math.atan2(v, u) * spokes) / (2 * Math.PI);
        const offAxis = Math.sin(((turn - Math.round(turn)) * 2 * Math.PI) / spokes) * r;
        const spoke = Math.min(0.09 - Math.abs(offAxis), 0.8 - r);
        return Math.max(rim - Math.abs(r - 0.92 + rim), 0.25 - r, spoke);
      },
      height: bevelled(rng),
    };
  },
  'ribbed plate': (rng) => {
    const edge = bevelled(rng);
    const ribs = rng.integer(4, 9);
    return {
      distance: (u, v) => box(u, v, 0.85, 0.75),
      height: (d, u) => edge(d) * (0.75 + 0.25 * Math.sin(ribs * Math.PI * u)),
    };
  },
  'wavy sheet': (rng) => {
    const edge = bevelled(rng);
    const [along, across, phase] = [rng.uniform(4, 8), rng.uniform(1, 3), rng.uniform(0, 6)];
    return {
      distance: (u, v) => box(u, v, 0.88, 0.72),
      height: (d, u, v) => edge(d) * (0.7 + 0.3 * Math.sin(along * u + 0.9 * Math.sin(across * v + phase))),
    };
  },
  'perforated plate': (rng) => {
    const pitch = rng.uniform(0.3, 0.42);
    const hole = rng.uniform(0.25, 0.36) * pitch;
    return {
      distance: (u, v) => {
        const [x, y] = [u - pitch * Math.round(u / pitch), v - pitch * Math.round(v / pitch)];
        const edge = box(u, v, 0.88, 0.78);
        // Only whole holes: those near the edge are left out.
        return box(u - x, v - y, 0.8 - hole, 0.7 - hole) > 0 ? Math.min(edge, -circle(x, y, hole)) : edge;
      },
      height: bevelled(rng),
    };
  },
  cross: (rng) => {
    const half = rng.uniform(0.22, 0.34);
    return {
      distance: (u, v) => Math.max(box(u, v, 0.9, half), box(u, v, half, 0.9)),
      height: bevelled(rng),
    };
  },
  bracket: (rng) => {
    const half = rng.uniform(0.2, 0.3);
    const hole = rng.uniform(0.08, 0.13);
    const inset = 0.85 - half;
    return {
      distance: (u, v) => {
        const angle = Math.max(box(u, v, half, 0.85, -inset, 0), box(u, v, 0.85, half, 0, -inset));
        return Math.min(angle, -circle(u, v, hole, -inset, 0.5), -circle(u, v, hole, 0.5, -inset));
      },
      height: bevelled(rng),
    };
  },
  arrow: (rng) => {
    const shaft = rng.uniform(0.18, 0.28);
    const head = rng.uniform(0.55, 0.75);
    return {
      distance: (u, v) => {
        const tip = Math.min(u - 0.05, 0.75 * (0.95 - u) - Math.abs(v) * (0.68 / head));
        return Math.max(tip, box(u, v, 0.55, shaft, -0.4));
      },
      height: bevelled(rng),
    };
  },
  tile: (rng) => {
    const edge = bevelled(rng);
    const groove = rng.uniform(0.15, 0.35);
    const sides = rng.integer(5, 9);
    return {
      distance: (u, v) => polygon(u, v, sides, 0.84),
      height: (d) => edge(d) - (Math.abs(d - groove) < 0.05 ? 0.08 : 0),
    };
  },
  comb: (rng) => {
    const pitch = rng.uniform(0.24, 0.34);
    const tooth = rng.uniform(0.28, 0.36) * pitch;
    return {
      distance: (u, v) => {
        const teeth = tooth - Math.abs(u - pitch * Math.round(u / pitch));
        return Math.min(box(u, v, 0.9, 0.65), Math.max(v - 0.2, teeth));
      },
      height: bevelled(rng),
    };
  },
  propeller: (rng) => {
    const blades = rng.integer(3, 6);
    const round = rounded(rng, 0.3);
    return {
      distance: (u, v) => {
        const limit = 0.45 + 0.5 * Math.cos(blades * Math.atan2(v, u));
        const r = Math.sqrt(u * u + v * v);
        return Math.max(0.55 * (limit - r), 0.28 - r);
      },
      height: round,
    };
  },
  ladder: (rng) => {
    const pitch = rng.uniform(0.38, 0.5);
    const rung = rng.uniform(0.08, 0.12);
    return {
      distance: (u, v) => {
        const rails = 0.12 - Math.abs(Math.abs(v) - 0.48);
        const rungs = Math.min(rung - Math.abs(u - pitch * Math.round(u / pitch)), 0.5 - Math.abs(v));
        return Math.min(0.93 - Math.abs(u), Math.max(rails, rungs));
      },
      height: bevelled(rng),
    };
  },
  key: (rng) => {
    const ring = rng.uniform(0.36, 0.44);
    const tooth = rng.uniform(0.2, 0.32);
    return {
      distance: (u, v) => {
        const bow = Math.min(circle(u, v, ring, -0.5), -circle(u, v, 0.17, -0.5));
        const shaft = box(u, v, 0.55, 0.12, 0.38);
        const bits = Math.max(box(u, v, 0.08, tooth, 0.8, -tooth), box(u, v, 0.07, tooth, 0.52, -tooth));
        return Math.max(bow, shaft, Math.min(bits, 0.5 + v));
      },
      height: bevelled(rng),
    };
  },
  bolt: (rng) => {
    const radius = rng.uniform(0.17, 0.25);
    const round = rounded(rng, radius);
    const turns = rng.uniform(28, 40);
    const edge = bevelled(rng);
    return {
      distance: (u, v) =>
        Math.max(box(u, v, 0.2, 0.5, -0.74), Math.min(radius - Math.abs(v), 0.95 - u, u + 0.7)),
      height: (d, u, v) =>
        u < -0.54
          ? edge(d)
          : round(Math.min(d, radius - toSegment(u, v, -0.7, 0, 0.95, 0))) +
            0.02 * Math.sin(turns * u + 3 * v),
    };
  },
};
