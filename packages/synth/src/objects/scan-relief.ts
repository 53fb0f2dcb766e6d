import type { Rng } from '@anomclip/core/random';
import type { Background } from './backgrounds.js';
import { dot, normalise, type PinholeCamera, type Pose, type Vec3 } from './camera.js';
import { illuminate, incidence } from './lighting.js';
import { type Box, firstHit, passesBeside, type Ray, sees } from './ray-cast.js';
import { appearanceAt, heightAt, type Relief } from './relief.js';
import type { Station } from './station.js';

/** What the caller decides about a scan. */
export interface SetupOptions {
  readonly camera: PinholeCamera;
  readonly pose: Pose;
  /** Strength of the highlight on the object, 0 to 1. */
  readonly gloss: number;
  /** Background and lights. */
  readonly station: Station;
  /** Whether there is a support plane; without one nothing is measured beside the object. */
  readonly supportPlane: boolean;
  /** Standard deviation of z at normal incidence, metres. */
  readonly noise: number;
  /** Share of random dropouts, steep and shadowed places being missing as well; null: nothing is missing. */
  readonly dropout: number | null;
  /** Share of points that are measured 1 to 4 cm too near. */
  readonly flyingPoints: number;
}

/** Everything of a scan but the object: two reliefs scanned under one setup differ only where the reliefs do. */
export interface ScanSetup extends SetupOptions {
  /** Unit direction from the support's middle towards the lamp, camera frame. */
  readonly light: Vec3;
  readonly background: Background;
  /** One number per pixel, raster order: standard normal for z, uniform for dropouts. */
  readonly depthNoise: Float32Array;
  readonly luck: Float32Array;
}

/** One scan as flat arrays, row-major. */
export interface RawScan {
  /** [H, W, 3], metres, camera frame, (0, 0, 0) where nothing was measured. */
  readonly xyz: Float32Array;
  /** [H, W, 3], the light that arrives at the lens, 1 for white; 0 where nothing is. */
  readonly light: Float64Array;
  /** The same without cast shadows: two scans differ in it where their surfaces do, and not around them. */
  readonly surface: Float64Array;
}

/** A scan of another relief under the same setup, and where the two reliefs differ. */
export interface KnownScan {
  readonly scan: RawScan;
  readonly changed: Box;
}

/** Where the sensor's pattern projector stands in the camera frame, metres: what it cannot see is missing. */
const projector: Vec3 = [-0.06, 0, 0];

/** Cosines of incidence: nothing is measured below the first, no point is lost to the angle above the second. */
const blindBelow = 0.12;
const clearAbove = 0.35;

/** Draws the lamp's place, the piece of the background and the depth sensor's noise of one scan. */
export function drawSetup(rng: Rng, options: SetupOptions): ScanSetup {
  const { camera, station } = options;
  const { towards, spread } = station.lamp;
  const lamp = rng.fork('light');
  const pixels = camera.width * camera.height;
  const [x, y, z] = towards.map((mean) => lamp.uniform(mean - spread, mean + spread));
  return {
    ...options,
    light: normalise([x, y, z]),
    background: station.background(rng.fork('support')),
    depthNoise: drawMany(pixels, rng.fork('depth-noise'), (stream) => stream.normal()),
    luck: drawMany(pixels, rng.fork('dropout'), (stream) => stream.uniform()),
  };
}

/**
 * Scans a relief on its support, one ray per pixel. With `known`, pixels that the change cannot reach are copied
 * from there; the result is the same.
 */
export function scanRelief(relief: Relief, setup: ScanSetup, known?: KnownScan): RawScan {
  const { camera, station, supportPlane, noise, dropout, flyingPoints } = setup;
  const { uAxis, vAxis, wAxis } = setup.pose;
  const values = 3 * camera.width * camera.height;
  const xyz = known ? known.scan.xyz.slice() : new Float32Array(values);
  const light = known ? known.scan.light.slice() : new Float64Array(values);
  const surface = known ? known.scan.surface.slice() : new Float64Array(values);

  const eye = toObjectFrame(setup.pose, [0, 0, 0]);
  const projectorAt = toObjectFrame(setup.pose, projector);
  const lamp = placeLamp(setup);
  const influence = known
    ? Math.max(...[projectorAt, ...lamp.corners].map((at) => shadowReach(relief, at)))
    : 0;
  const ray: Ray = { u: eye[0], v: eye[1], w: eye[2], du: 0, dv: 0, dw: 0 };
  const point = new Float64Array(3);
  const look = new Float64Array(4); // red, green, blue, openness
  const lit = new Float64Array(3); // factors of the light from everywhere and of the lamp's, highlight

  for (let row = 0, pixel = 0; row < camera.height; row++) {
    const dy = (row - camera.cy) / camera.fy;
    for (let column = 0; column < camera.width; column++, pixel++) {
      const dx = (column - camera.cx) / camera.fx;
      ray.du = dx * uAxis[0] + dy * uAxis[1] + uAxis[2];
      ray.dv = dx * vAxis[0] + dy * vAxis[1] + vAxis[2];
      ray.dw = dx * wAxis[0] + dy * wAxis[1] + wAxis[2];
      if (known) {
        const entry = (relief.ceiling - ray.w) / ray.dw;
        if (passesBeside(known.changed, influence, ray, entry, -ray.w / ray.dw)) continue;
        xyz.fill(0, 3 * pixel, 3 * pixel + 3);
        light.fill(0, 3 * pixel, 3 * pixel + 3);
        surface.fill(0, 3 * pixel, 3 * pixel + 3);
      }

      // The direction has z = 1, so the parameter of the hit is its depth.
      const depth = firstHit(relief, ray);
      const u = ray.u + depth * ray.du;
      const v = ray.v + depth * ray.dv;
      const w = ray.w + depth * ray.dw;
      const onSupport = w < 1e-6;
      if (onSupport && !supportPlane) continue;

      appearanceAt(relief, u, v, look);
      let slopeU = 0;
      let slopeV = 0;
      if (onSupport) {
        setup.background(look, dx * depth, dy * depth);
      } else {
        const { pitch } = relief;
        slopeU = (heightAt(relief, u + pitch, v) - heightAt(relief, u - pitch, v)) / (2 * pitch);
        slopeV = (heightAt(relief, u, v + pitch) - heightAt(relief, u, v - pitch)) / (2 * pitch);
      }
      point[0] = u;
      point[1] = v;
      point[2] = w + 2e-4; // off the surface, which would hide itself by rounding
      const falloff = lamp.aim(u, v, w);
      illuminate(lit, lamp.direction, ray, slopeU, slopeV, look[3]);
      const highlight = onSupport ? 0 : setup.gloss * lit[2];
      const shade = shareOfLamp(relief, point, lamp);
      for (let c = 0; c < 3; c++) {
        const everywhere = look[c] * station.surroundings[c] * lit[0];
        const fromLamp = (look[c] * lit[1] + highlight) * station.lamp.colour[c] * falloff;
        surface[3 * pixel + c] = everywhere + fromLamp;
        light[3 * pixel + c] = everywhere + shade * fromLamp;
      }

      const cosine = incidence(ray, slopeU, slopeV);
      if (dropout !== null) {
        const grazing = Math.min(1, Math.max(0, (clearAbove - cosine) / (clearAbove - blindBelow)));
        if (setup.luck[pixel] < dropout + (1 - dropout) * grazing * grazing) continue;
        if (!sees(relief, point, projectorAt)) continue;
      }
      let measured = depth + (noise * setup.depthNoise[pixel]) / Math.max(0.25, cosine);
      const flight = setup.luck[pixel] - (1 - flyingPoints);
      if (flight > 0) measured -= 0.01 + (0.03 * flight) / flyingPoints;
      xyz[3 * pixel] = dx * measured;
      xyz[3 * pixel + 1] = dy * measured;
      xyz[3 * pixel + 2] = measured;
    }
  }
  return { xyz, light, surface };
}

/** The lamp in the object frame. */
interface PlacedLamp {
  /** Unit vector towards it from where it was aimed last. */
  readonly direction: Float64Array;
  /** Corners of what shines; none when nothing casts a shadow. */
  readonly corners: readonly Vec3[];
  /** Aims at a point; returns how much light arrives there for 1 in the support's middle. */
  aim(u: number, v: number, w: number): number;
}

function placeLamp({ light, pose, station }: ScanSetup): PlacedLamp {
  const { distance, halfSide } = station.lamp;
  const towards = [dot(light, pose.uAxis), dot(light, pose.vAxis), dot(light, pose.wAxis)];
  const direction = Float64Array.from(towards);
  if (distance === Number.POSITIVE_INFINITY) return { direction, corners: [], aim: () => 1 };
  const [atU, atV, atW] = towards.map((component) => distance * component);
  const sides = halfSide === null ? [] : [-halfSide, halfSide];
  return {
    direction,
    corners: sides.flatMap((u) => sides.map((v): Vec3 => [atU + u, atV + v, atW])),
    aim(u, v, w) {
      direction[0] = atU - u;
      direction[1] = atV - v;
      direction[2] = atW - w;
      const length = Math.sqrt(
        direction[0] * direction[0] + direction[1] * direction[1] + direction[2] * direction[2],
      );
      for (let axis = 0; axis < 3; axis++) direction[axis] /= length;
      return (distance * distance) / (length * length);
    },
  };
}

/**
 * How much of the lamp a point sees, in quarters. Two opposite corners decide alone where they agree, and steps are
 * twice those of the projector: shadows are soft.
 */
function shareOfLamp(relief: Relief, point: Float64Array, { corners }: PlacedLamp): number {
  if (corners.length === 0) return 1;
  const quarter = (corner: number) => (sees(relief, point, corners[corner], 2 * relief.pitch) ? 0.25 : 0);
  const diagonal = quarter(0) + quarter(3);
  return diagonal === 0.25 ? diagonal + quarter(1) + quarter(2) : 2 * diagonal;
}

/** How far sideways a change of the relief reaches: by the projector's shadow, and by the nodes a slope is from. */
function shadowReach({ bounds, ceiling, pitch }: Relief, projectorAt: Vec3): number {
  const farthest = Math.max(Math.abs(projectorAt[0]), Math.abs(projectorAt[1])) + bounds.maxU;
  return (ceiling * farthest) / (projectorAt[2] - ceiling) + 3 * pitch;
}

function toObjectFrame({ position, uAxis, vAxis, wAxis }: Pose, point: Vec3): Vec3 {
  const offset: Vec3 = [point[0] - position[0], point[1] - position[1], point[2] - position[2]];
  return [dot(offset, uAxis), dot(offset, vAxis), dot(offset, wAxis)];
}

function drawMany(count: number, rng: Rng, draw: (rng: Rng) => number): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = draw(rng);
  return values;
}
