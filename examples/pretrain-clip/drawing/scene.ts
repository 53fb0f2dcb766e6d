import type { Rng } from '@anomclip/core/random';
import { type Colour, colourNames, colours, materialNames, materials } from './materials.js';

/** What both pictures of a pair have in common, but the object itself. */
export interface Scene {
  /** Whether it is a rendering in grey on white, tilted, as PointAD's; else a photograph from above on a dark ground. */
  readonly isRendering: boolean;
  /** Name of the colour; none in a rendering. */
  readonly colourName?: string;
  /** Name of the material; none in a rendering. */
  readonly materialName?: string;
  readonly colour: Colour;
  readonly background: Colour;
  /** Standard deviation of the background's own noise, in grey levels. */
  readonly backgroundNoise: number;
  /** Of every pixel, in grey levels. */
  readonly sensorNoise: number;
  /** In-plane rotation, tilt about the vertical axis of the grid, and whether rows and columns change places. */
  readonly rotation: number;
  readonly tilt: number;
  readonly isTransposed: boolean;
  /** Pixels per unit over half the image's side; offsets in the same measure. */
  readonly scale: number;
  readonly offset: readonly [number, number];
  /** Width over height, and −1 for a mirrored object. */
  readonly aspect: number;
  readonly mirror: 1 | -1;
  /** Unit vector towards the light, seen from the camera. */
  readonly light: readonly [number, number, number];
  readonly ambient: number;
  readonly gloss: number;
  /** Standard deviations of the surface's fine and coarse unevenness; cells of the fine one per width. */
  readonly roughness: number;
  readonly grain: number;
  readonly waviness: number;
}

/** @param renderingShare - How often it is a rendering. */
export function drawScene(rng: Rng, renderingShare: number): Scene {
  const isRendering = rng.boolean(renderingShare);
  const rotation = rng.boolean(0.6) ? rng.uniform(0, 2 * Math.PI) : rng.normal(0, 0.15);
  return {
    isRendering,
    ...(isRendering ? drawRendering(rng) : drawPhotograph(rng)),
    rotation: isRendering ? rotation + rng.normal(0, 0.5) : rotation,
    isTransposed: rng.boolean(),
    sensorNoise: rng.uniform(0, 3),
    scale: rng.uniform(0.74, 0.92),
    offset: [rng.normal(0, 2.5 / 64), rng.normal(0, 2.5 / 64)],
    aspect: rng.uniform(0.85, 1.18),
    mirror: rng.boolean() ? 1 : -1,
    roughness: pick(rng, [0, 0, 0.006, 0.012, 0.02]),
    grain: pick(rng, [32, 80]),
    waviness: pick(rng, [0.02, 0.05, 0]),
  };
}

export function pick<T>(rng: Rng, items: readonly T[]): T {
  return items[rng.integer(0, items.length)];
}

type Look = Pick<Scene, 'colour' | 'background' | 'backgroundNoise' | 'tilt' | 'light' | 'ambient' | 'gloss'>;

function drawRendering(rng: Rng): Look {
  const grey = rng.uniform(140, 215);
  return {
    colour: [grey, grey, grey],
    background: [255, 255, 255],
    backgroundNoise: 0,
    tilt: rng.uniform(-0.95, 0.95),
    light: drawLight(rng, 0.45),
    ambient: rng.uniform(0.15, 0.45),
    gloss: rng.uniform(0, 15),
  };
}

function drawPhotograph(rng: Rng): Look & Pick<Scene, 'colourName' | 'materialName'> {
  const colourName = pick(rng, colourNames);
  const materialName = pick(rng, materialNames);
  const brightness = rng.uniform(0.8, 1.1);
  const ground = rng.uniform(5, 45);
  const [red, green, blue] = colours[colourName];
  const tinted = (channel: number) => Math.max(0, channel * brightness + rng.normal(0, 8));
  const shaded = () => Math.max(0, ground + rng.normal(0, 4));
  return {
    colourName,
    materialName,
    colour: [tinted(red), tinted(green), tinted(blue)],
    background: [shaded(), shaded(), shaded()],
    backgroundNoise: rng.uniform(0, 5),
    tilt: 0,
    light: drawLight(rng, 0.5),
    ambient: rng.uniform(0.3, 0.6),
    gloss: materials[materialName].gloss,
  };
}

function drawLight(rng: Rng, spread: number): [number, number, number] {
  const [x, y] = [rng.normal(0, spread), rng.normal(0, spread)];
  const length = Math.sqrt(x * x + y * y + 1);
  return [x / length, y / length, 1 / length];
}
