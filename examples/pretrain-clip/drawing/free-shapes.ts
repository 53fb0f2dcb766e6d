import type { Rng } from '@anomclip/core/random';
import { bevelled, box, circle, rounded, type ShapeFamily, smoothMaximum, toSegment } from './shape.js';

/** Training categories of irregular outlines, of several parts, or with pockets and steps. */
export const freeShapes: Readonly<Record<string, ShapeFamily>> = {
  pebble: (rng) => {
    const distance = wavyCircle(rng, 0.78, { 2: 0.09, 3: 0.06, 4: 0.03 });
    return { distance, height: rounded(rng, 0.55) };
  },
  puddle: (rng) => {
    const limit = wavyCircle(rng, 0.66, { 2: 0.1, 3: 0.12, 4: 0.08, 5: 0.07, 7: 0.05 });
    return { distance: (u, v) => 0.8 * limit(u, v), height: bevelled(rng) };
  },
  cloud: (rng) => {
    const puffs = Array.from({ length: 6 }, (_, i) => ({
      x: -0.6 + 0.24 * i,
      y: rng.uniform(-0.22, 0.22),
      radius: rng.uniform(0.26, 0.4),
    }));
    return {
      distance: (u, v) =>
        puffs.reduce(
          (inside, { x, y, radius }) => smoothMaximum(inside, circle(u, v, radius, x, y), 0.08),
          -1,
        ),
      height: bevelled(rng),
    };
  },
  flower: (rng) => {
    const petals = rng.integer(5, 9);
    const turn = (2 * Math.PI) / petals;
    const radius = rng.uniform(0.95, 1.15) * 0.6 * Math.sin(Math.PI / petals) + 0.02;
    const edge = bevelled(rng);
    const heart = rng.uniform(0.24, 0.32);
    const rise = rng.uniform(0.05, 0.14);
    return {
      distance: (u, v) => {
        const angle = turn * Math.round(Math.atan2(v, u) / turn);
        const petal = circle(u, v, radius, 0.6 * Math.cos(angle), 0.6 * Math.sin(angle));
        return smoothMaximum(petal, circle(u, v, 0.45), 0.1);
      },
      height: (d, u, v) => edge(d) + rise * Math.sqrt(Math.max(0, Math.min(1, circle(u, v, heart) / 0.1))),
    };
  },
  window: (rng) => {
    const rim = rng.uniform(0.12, 0.18);
    const bar = rng.uniform(0.06, 0.1);
    const [across, down] = [rng.uniform(-0.2, 0.2), rng.uniform(-0.2, 0.2)];
    return {
      distance: (u, v) => {
        const frame = box(u, v, 0.88, 0.78);
        return Math.min(frame, Math.max(rim - frame, bar - Math.abs(u - across), bar - Math.abs(v - down)));
      },
      height: bevelled(rng),
    };
  },
  jigsaw: (rng) => {
    const knob = rng.uniform(0.15, 0.19);
    const ends = [
      [0.68, 0],
      [0, 0.68],
      [-0.68, 0],
      [0, -0.68],
    ].map(([x, y]) => {
      const isKnob = rng.boolean();
      const inset = isKnob ? 1 : 0.72;
      return { isKnob, x: x * inset, y: y * inset };
    });
    return {
      distance: (u, v) => {
        let inside = box(u, v, 0.6, 0.6);
        for (const { isKnob, x, y } of ends) {
          const round = circle(u, v, knob, x, y);
          inside = isKnob ? Math.max(inside, round) : Math.min(inside, -round);
        }
        return inside;
      },
      height: bevelled(rng),
    };
  },
  stairs: (rng) => {
    const steps = rng.integer(3, 6);
    const rise = rng.uniform(0.08, 0.13);
    const half = rng.uniform(0.45, 0.65);
    return {
      distance: (u, v) => box(u, v, 0.9, half),
      height: (d, u) => Math.min(1, d / 0.04) * rise * (1 + Math.floor(((u + 0.9) / 1.8) * steps)),
    };
  },
  tray: (rng) => {
    const edge = bevelled(rng);
    const pitch = rng.uniform(0.5, 0.6);
    const depth = rng.uniform(0.4, 0.7);
    const pocket = rng.uniform(0.15, 0.2);
    const isRound = rng.boolean();
    return {
      distance: (u, v) => box(u, v, 0.92, 0.66),
      height: (d, u, v) => {
        const x = u - pitch * Math.round(u / pitch);
        const y = Math.abs(v) - pitch / 2;
        const inside = isRound ? circle(x, y, pocket) : box(x, y, pocket, pocket);
        return edge(d) * (1 - depth * Math.max(0, Math.min(1, inside / 0.04)));
      },
    };
  },
  tag: (rng) => {
    const half = rng.uniform(0.4, 0.58);
    const hole = rng.uniform(0.1, 0.15);
    return {
      distance: (u, v) => {
        const corners = 0.7 * (0.95 + half - 0.3 - Math.abs(v) - u);
        return Math.min(box(u, v, 0.95, half), corners, -circle(u, v, hole, 0.62));
      },
      height: bevelled(rng),
    };
  },
  spoon: (rng) => {
    const bowl = rng.uniform(0.3, 0.4);
    const handle = rng.uniform(0.09, 0.14);
    const edge = bevelled(rng);
    const depth = rng.uniform(0.5, 0.9);
    return {
      distance: (u, v) => {
        const oval = bowl * (1 - Math.sqrt(((u + 0.5) / 0.44) ** 2 + (v / bowl) ** 2));
        return smoothMaximum(oval, box(u, v, 0.6, handle, 0.34), 0.08);
      },
      height: (d, u, v) =>
        edge(d) * (1 - depth * Math.max(0, 1 - ((u + 0.5) / 0.36) ** 2 - (v / (0.8 * bowl)) ** 2)),
    };
  },
  hook: (rng) => {
    const halfWidth = rng.uniform(0.14, 0.2);
    const radius = 0.5 - halfWidth / 2;
    return {
      distance: (u, v) => {
        const bend = v < -0.3 ? halfWidth - Math.abs(circle(u, v, radius, 0, -0.3)) : -1;
        const shaft = halfWidth - toSegment(u, v, radius, -0.3, radius, 0.78);
        const tip = halfWidth - toSegment(u, v, -radius, -0.3, -radius, -0.1);
        return Math.max(bend, shaft, tip);
      },
      height: rounded(rng, halfWidth),
    };
  },
  boomerang: (rng) => {
    const halfWidth = rng.uniform(0.17, 0.25);
    const reach = rng.uniform(0.5, 0.7);
    return {
      distance: (u, v) => halfWidth - toSegment(Math.abs(u), v, 0, 0.5, 0.72, 0.5 - reach * 1.4),
      height: rounded(rng, halfWidth),
    };
  },
  egg: (rng) => {
    const minor = rng.uniform(0.55, 0.68);
    const taper = rng.uniform(0.15, 0.3);
    return {
      distance: (u, v) => minor * (1 - Math.sqrt((u / 0.92) ** 2 + (v / (minor * (1 + taper * u))) ** 2)),
      height: rounded(rng, minor),
    };
  },
  rosette: (rng) => {
    const rays = rng.integer(8, 17);
    const depth = rng.uniform(0.1, 0.25);
    const edge = bevelled(rng);
    const hub = rng.uniform(0.15, 0.3);
    return {
      distance: (u, v) => circle(u, v, 0.9),
      height: (d, u, v) =>
        edge(d) * (circle(u, v, hub) > 0 ? 1 : 1 - depth + depth * Math.cos(rays * Math.atan2(v, u))),
    };
  },
  snowflake: (rng) => {
    const halfWidth = rng.uniform(0.07, 0.1);
    const branch = rng.uniform(0.2, 0.32);
    const at = rng.uniform(0.42, 0.58);
    return {
      distance: (u, v) => {
        const turn = Math.PI / 3;
        const angle = Math.atan2(v, u);
        const off = Math.abs(angle - turn * Math.round(angle / turn));
        const r = Math.sqrt(u * u + v * v);
        const [x, y] = [r * Math.cos(off), r * Math.sin(off)];
        const twig = toSegment(x, y, at, 0, at + branch * 0.8, branch * 0.8);
        return Math.max(halfWidth - toSegment(x, y, 0, 0, 0.88, 0), halfWidth - twig, 0.22 - r);
      },
      height: bevelled(rng),
    };
  },
  cushion: (rng) => {
    const power = rng.uniform(2.5, 5);
    const height = rng.uniform(0.25, 0.45);
    const seam = rng.uniform(0.03, 0.08);
    return {
      distance: (u, v) => 0.8 * (0.88 - (Math.abs(u) ** power + Math.abs(v) ** power) ** (1 / power)),
      height: (d, u, v) =>
        height * Math.sqrt(Math.min(1, d / 0.45)) - (Math.min(Math.abs(u), Math.abs(v)) < 0.03 ? seam : 0),
    };
  },
};

/** Distance inside an outline r = radius + Σ amplitude · cos(n · angle + phase), each amplitude at most what is given. */
function wavyCircle(
  rng: Rng,
  radius: number,
  amplitudes: Readonly<Record<number, number>>,
): (u: number, v: number) => number {
  const waves = Object.entries(amplitudes).map(([n, most]) => ({
    n: Number(n),
    amplitude: rng.uniform(0.2, 1) * most,
    phase: rng.uniform(0, 2 * Math.PI),
  }));
  return (u, v) => {
    const angle = Math.atan2(v, u);
    let limit = radius;
    for (const { n, amplitude, phase } of waves) limit += amplitude * Math.cos(n * angle + phase);
    return limit - Math.sqrt(u * u + v * v);
  };
}
