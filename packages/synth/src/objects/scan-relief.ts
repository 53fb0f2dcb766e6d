import type { Rng } from '@anomclip/core/random';
import { dot, normalise, type PinholeCamera, type Pose, type Vec3 } from './camera.js';
import { illuminate, incidence } from './lighting.js';
import { createNoise, type Noise } from './noise.js';
import { type Box, firstHit, passesBeside, type Ray, sees } from './ray-cast.js';
import { appearanceAt, heightAt, type Relief } from './relief.js';

/** What the caller decides about a scan. */
export interface SetupOptions {
  readonly camera: PinholeCamera;
  readonly pose: Pose;
  /** Strength of the highlight on the object, 0 to 1. */
  readonly gloss: number;
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
  /** Unit direction towards the lamp, camera frame. */
  readonly light: Vec3;
  readonly supportTexture: Noise;
  /** One number per pixel, raster order: standard normal for z and for the brightness, uniform for dropouts. */
  readonly depthNoise: Float32Array;
  readonly brightnessNoise: Float32Array;
  readonly luck: Float32Array;
}

/** One scan as flat arrays, row-major. */
export interface RawScan {
  /** [H, W, 3], metres, camera frame, (0, 0, 0) where nothing was measured. */
  readonly xyz: Float32Array;
  /** [H, W, 3]. */
  readonly rgb: Uint8Array;
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

/** Grey levels. */
const brightnessNoiseSd = 1.2;

const supportColour: Vec3 = [0.25, 0.27, 0.3];

/** Draws the lamp, the support's texture and the sensor's noise of one scan. */
export function drawSetup(rng: Rng, options: SetupOptions): ScanSetup {
  const lamp = rng.fork('light');
  const pixels = options.camera.width * options.camera.height;
  return {
    ...options,
    light: normalise([lamp.uniform(-0.55, -0.35), lamp.uniform(-0.6, -0.4), lamp.uniform(-1.1, -0.9)]),
    supportTexture: createNoise(rng.fork('support')),
    depthNoise: drawMany(pixels, rng.fork('depth-noise'), (stream) => stream.normal()),
    brightnessNoise: drawMany(pixels, rng.fork('brightness-noise'), (stream) => stream.normal()),
    luck: drawMany(pixels, rng.fork('dropout'), (stream) => stream.uniform()),
  };
}

/**
 * Scans a relief on its support, one ray per pixel. With `known`, pixels that the change cannot reach are copied
 * from there; the result is the same.
 */
export function scanRelief(relief: Relief, setup: ScanSetup, known?: KnownScan): RawScan {
  const { camera, supportPlane, noise, dropout, flyingPoints } = setup;
  const { uAxis, vAxis, wAxis } = setup.pose;
  const xyz = known ? known.scan.xyz.slice() : new Float32Array(3 * camera.width * camera.height);
  const rgb = known ? known.scan.rgb.slice() : new Uint8Array(3 * camera.width * camera.height);

  const eye = toObjectFrame(setup.pose, [0, 0, 0]);
  const projectorAt = toObjectFrame(setup.pose, projector);
  const light = [dot(setup.light, uAxis), dot(setup.light, vAxis), dot(setup.light, wAxis)];
  const influence = known ? shadowReach(relief, projectorAt) : 0;
  const ray: Ray = { u: eye[0], v: eye[1], w: eye[2], du: 0, dv: 0, dw: 0 };
  const point = new Float64Array(3);
  const look = new Float64Array(4); // red, green, blue, openness
  const lit = new Float64Array(2); // factor, highlight

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
        rgb.fill(0, 3 * pixel, 3 * pixel + 3);
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
        paintSupport(look, setup.supportTexture, dx * depth, dy * depth);
      } else {
        const { pitch } = relief;
        slopeU = (heightAt(relief, u + pitch, v) - heightAt(relief, u - pitch, v)) / (2 * pitch);
        slopeV = (heightAt(relief, u, v + pitch) - heightAt(relief, u, v - pitch)) / (2 * pitch);
      }
      illuminate(lit, light, ray, slopeU, slopeV, look[3]);
      const highlight = onSupport ? 0 : setup.gloss * lit[1];
      const grain = brightnessNoiseSd * setup.brightnessNoise[pixel];
      for (let c = 0; c < 3; c++) {
        const level = 255 * (look[c] * lit[0] + highlight) + grain;
        rgb[3 * pixel + c] = Math.min(255, Math.max(0, Math.round(level)));
      }

      const cosine = incidence(ray, slopeU, slopeV);
      if (dropout !== null) {
        const grazing = Math.min(1, Math.max(0, (clearAbove - cosine) / (clearAbove - blindBelow)));
        if (setup.luck[pixel] < dropout + (1 - dropout) * grazing * grazing) continue;
        point[0] = u;
        point[1] = v;
        point[2] = w + 2e-4; // off the surface, which would hide itself by rounding
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
  return { xyz, rgb };
}

/** How far sideways a change of the relief reaches: by the projector's shadow, and by the nodes a slope is from. */
function shadowReach({ bounds, ceiling, pitch }: Relief, projectorAt: Vec3): number {
  const farthest = Math.max(Math.abs(projectorAt[0]), Math.abs(projectorAt[1])) + bounds.maxU;
  return (ceiling * farthest) / (projectorAt[2] - ceiling) + 3 * pitch;
}

/** Faint clouds and grain; x and y are metres in the camera frame. */
function paintSupport(out: Float64Array, texture: Noise, x: number, y: number): void {
  const shade = 1 + 0.1 * texture(x / 0.011, y / 0.011) + 0.06 * texture(x / 0.0017, y / 0.0017);
  for (let c = 0; c < 3; c++) out[c] = supportColour[c] * shade;
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
