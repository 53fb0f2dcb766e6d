import type { Rng } from '@anomclip/core/random';
import { blend, type Colour, cover, dim } from './colours.js';
import { createNoise, createSpots, fractal } from './noise.js';
import { smoothstep } from './planar.js';
import { createBrushedMetal, createWoodGrain } from './textures.js';

/** Writes the colour of a plane at (x, y), metres, into the first three values of `out`. */
export type Background = (out: Float64Array, x: number, y: number) => void;

/** Draws one piece of a background: the same material with another `rng` is another place of it. */
export type BackgroundBuilder = (rng: Rng) => Background;

/** What parts lie on, in alphabetical order. `plain` is a smooth grey table. */
export const backgrounds = {
  belt,
  bench,
  cardboard,
  cloth,
  mat,
  plain,
  steel,
  tiles,
} as const satisfies Record<string, BackgroundBuilder>;

/** Dark rubber belt, woven from two kinds of ribs, with dust. */
function belt(rng: Rng): Background {
  const { x: left, y: top } = drawOffset(rng);
  const wear = fractal(createNoise(rng.fork('wear')), 3);
  const dust = createSpots(rng.fork('dust'), 0.12);
  return (out, x, y) => {
    const column = fraction((x + left) / 0.005);
    const row = fraction((y + top) / 0.005);
    const over = column < 0.5 === row < 0.5;
    const rib = over ? ridge(fraction(2 * column)) : ridge(fraction(2 * row));
    blend(out, rubber, ribbed, rib);
    dim(out, 1 + 0.2 * wear(x / 0.03, y / 0.012));
    cover(out, pale, 0.25 * dust(x / 0.006, y / 0.006));
  };
}

/** Planks of light wood with dark joints. */
function bench(rng: Rng): Background {
  const { x: left, y: top } = drawOffset(rng);
  const grain = createWoodGrain(rng.fork('grain'), 0.006);
  const tone = createNoise(rng.fork('tone'));
  return (out, x, y) => {
    const plank = (y + top) / 0.045;
    const index = Math.floor(plank);
    const fromJoint = Math.min(plank - index, index + 1 - plank) * 0.045;
    blend(out, lightWood, darkWood, 0.8 * grain(x + left + 0.3 * index, y + 0.5 * index));
    dim(out, (1 + 0.25 * tone(index + 0.5, 0.5)) * (0.5 + 0.5 * smoothstep(0.0003, 0.001, fromJoint)));
  };
}

/** Brown paper with fibres, specks and the ribs of its corrugation. */
function cardboard(rng: Rng): Background {
  const { x: left } = drawOffset(rng);
  const fibres = createNoise(rng.fork('fibres'));
  const clouds = fractal(createNoise(rng.fork('clouds')), 3);
  const specks = createSpots(rng.fork('specks'), 0.25);
  return (out, x, y) => {
    out.set(kraft);
    const rib = ridge(fraction((x + left) / 0.0065));
    const shade = 0.14 * clouds(x / 0.02, y / 0.02) + 0.09 * fibres(x / 0.0006, y / 0.004);
    dim(out, 0.93 + 0.12 * rib + shade);
    cover(out, darkWood, 0.4 * specks(x / 0.004, y / 0.004));
  };
}

/** Blue cloth of crossed threads, with creases. */
function cloth(rng: Rng): Background {
  const { x: left, y: top } = drawOffset(rng);
  const creases = fractal(createNoise(rng.fork('creases')), 2);
  return (out, x, y) => {
    const bend = 0.0015 * creases(x / 0.05, y / 0.05);
    const column = ridge(fraction((x + left + bend) / 0.0018));
    const row = ridge(fraction((y + top - bend) / 0.0018));
    const crease = Math.abs(creases(x / 0.035 + 9, y / 0.09));
    blend(out, denim, thread, 0.5 * Math.abs(column - row));
    dim(out, 0.88 + 0.18 * smoothstep(0, 0.2, crease));
  };
}

/** Green cutting mat: a printed grid of centimetres, and old scratches. */
function mat(rng: Rng): Background {
  const { x: left, y: top } = drawOffset(rng);
  const grain = createNoise(rng.fork('grain'));
  const scratches = createNoise(rng.fork('scratches'));
  return (out, x, y) => {
    const column = (x + left) / 0.01;
    const row = (y + top) / 0.01;
    const toLine = 0.01 * Math.min(Math.abs(column - Math.round(column)), Math.abs(row - Math.round(row)));
    out.set(green);
    dim(out, 1 + 0.12 * grain(x / 0.0012, y / 0.0012));
    cover(out, pale, 0.3 * smoothstep(0.0006, 0.0003, toLine));
    const scratch = Math.abs(scratches((x + 0.4 * y) / 0.035, (y - 0.4 * x) / 0.008));
    cover(out, pale, 0.15 * smoothstep(0.03, 0, scratch));
  };
}

/** Grey with faint clouds and grain. */
function plain(rng: Rng): Background {
  const texture = createNoise(rng);
  return (out, x, y) => {
    out.set(grey);
    dim(out, 1 + 0.1 * texture(x / 0.011, y / 0.011) + 0.06 * texture(x / 0.0017, y / 0.0017));
  };
}

/** Brushed sheet with rust and a few deep scratches. */
function steel(rng: Rng): Background {
  const brushed = createBrushedMetal(rng.fork('brushed'));
  const rust = fractal(createNoise(rng.fork('rust')), 4);
  const scratches = createNoise(rng.fork('scratches'));
  return (out, x, y) => {
    out.set(sheet);
    const scratch = Math.abs(scratches((x + y) / 0.06, (y - 0.8 * x) / 0.012));
    dim(out, 2 * brushed(y, x) - 1 - 0.3 * smoothstep(0.02, 0, scratch));
    cover(out, rusty, 0.4 * smoothstep(0.2, 0.5, rust(x / 0.03, y / 0.03)));
  };
}

/** Speckled stone tiles with light joints. */
function tiles(rng: Rng): Background {
  const { x: left, y: top } = drawOffset(rng);
  const clouds = fractal(createNoise(rng.fork('clouds')), 3);
  const specks = createSpots(rng.fork('specks'), 0.7);
  return (out, x, y) => {
    const column = (x + left) / 0.06;
    const row = (y + top) / 0.06;
    const toJoint = 0.06 * Math.min(Math.abs(column - Math.round(column)), Math.abs(row - Math.round(row)));
    blend(out, stone, sheet, 0.5 + 0.5 * clouds(x / 0.012, y / 0.012));
    cover(out, clouds(x / 0.003, y / 0.003) > 0 ? pale : rusty, 0.3 * specks(x / 0.003, y / 0.003));
    cover(out, pale, 0.35 * smoothstep(0.002, 0.0014, toJoint));
  };
}

const rubber: Colour = [0.2, 0.2, 0.21];
const ribbed: Colour = [0.33, 0.33, 0.34];
const pale: Colour = [0.82, 0.8, 0.75];
const lightWood: Colour = [0.74, 0.58, 0.4];
const darkWood: Colour = [0.42, 0.28, 0.17];
const kraft: Colour = [0.62, 0.48, 0.34];
const denim: Colour = [0.16, 0.22, 0.4];
const thread: Colour = [0.45, 0.52, 0.68];
const green: Colour = [0.1, 0.34, 0.28];
const grey: Colour = [0.25, 0.27, 0.3];
const sheet: Colour = [0.55, 0.57, 0.58];
const rusty: Colour = [0.36, 0.22, 0.13];
const stone: Colour = [0.3, 0.3, 0.33];

/** Where the repeating parts of a background begin. */
function drawOffset(rng: Rng): { x: number; y: number } {
  const offset = rng.fork('offset');
  return { x: offset.uniform(0.5, 0.6), y: offset.uniform(0.5, 0.6) };
}

/** A rounded rib over one period: 0 at both ends, 1 in the middle. */
function ridge(t: number): number {
  return 4 * t * (1 - t);
}

function fraction(value: number): number {
  return value - Math.floor(value);
}
