import { exp, ln } from '@anomclip/core/random';

/** A colour as luma (0…255) and what is kept when the luma changes. */
export interface LumaSpace {
  /** Writes [luma, first, second] of an RGB triple (0…255). */
  split(out: Float64Array, red: number, green: number, blue: number): void;
  /** Writes RGB (may leave 0…255) of [luma, first, second]. */
  join(out: Float64Array, luma: number, first: number, second: number): void;
}

/** Brightness can be changed in each of these. YUV scales the chroma of YCbCr, so for luma the two are one. */
export type BrightnessSpace = 'ycbcr' | 'hsv' | 'hls' | 'lab' | 'luv';

export const lumaSpaces: Readonly<Record<BrightnessSpace, LumaSpace>> = {
  ycbcr: {
    split(out, red, green, blue) {
      out[0] = 0.299 * red + 0.587 * green + 0.114 * blue;
      out[1] = blue - out[0];
      out[2] = red - out[0];
    },
    join(out, luma, first, second) {
      out[0] = luma + second;
      out[2] = luma + first;
      out[1] = (luma - 0.299 * out[0] - 0.114 * out[2]) / 0.587;
    },
  },
  hsv: {
    split(out, red, green, blue) {
      const high = Math.max(red, green, blue);
      const low = Math.min(red, green, blue);
      out[1] = hueOf(red, green, blue, high, low);
      out[2] = high === 0 ? 0 : (high - low) / high;
      out[0] = high;
    },
    join: (out, value, hue, saturation) => fromHue(out, hue, value, value * saturation),
  },
  hls: {
    split(out, red, green, blue) {
      const high = Math.max(red, green, blue);
      const low = Math.min(red, green, blue);
      const lightness = (high + low) / 2;
      const room = 255 - Math.abs(high + low - 255);
      out[1] = hueOf(red, green, blue, high, low);
      out[2] = room === 0 ? 0 : (high - low) / room;
      out[0] = lightness;
    },
    join(out, lightness, hue, saturation) {
      const range = saturation * (255 - Math.abs(2 * lightness - 255));
      fromHue(out, hue, lightness + range / 2, range);
    },
  },
  lab: {
    split(out, red, green, blue) {
      toXyz(out, red, green, blue);
      const [x, y, z] = [
        lightnessCurve(out[0] / whiteX),
        lightnessCurve(out[1]),
        lightnessCurve(out[2] / whiteZ),
      ];
      out[0] = 2.55 * (116 * y - 16);
      out[1] = x - y;
      out[2] = y - z;
    },
    join(out, luma, first, second) {
      const y = (luma / 2.55 + 16) / 116;
      fromXyz(out, whiteX * inverseCurve(y + first), inverseCurve(y), whiteZ * inverseCurve(y - second));
    },
  },
  luv: {
    split(out, red, green, blue) {
      toXyz(out, red, green, blue);
      const [x, y, z] = out;
      const sum = x + 15 * y + 3 * z;
      // Chromaticity relative to white; u* and v* are these times 13 L.
      out[0] = 2.55 * (116 * lightnessCurve(y) - 16);
      out[1] = out[0] * (sum === 0 ? 0 : (4 * x) / sum - whiteU);
      out[2] = out[0] * (sum === 0 ? 0 : (9 * y) / sum - whiteV);
    },
    join(out, luma, first, second) {
      if (luma <= 0) {
        out.fill(0);
        return;
      }
      const y = inverseCurve((luma / 2.55 + 16) / 116);
      const u = first / luma + whiteU;
      const v = Math.max(second / luma + whiteV, 1e-6);
      fromXyz(out, (2.25 * y * u) / v, y, (y * (3 - 0.75 * u - 5 * v)) / v);
    },
  },
};

/** Hue in [0, 180), half degrees; 0 for greys. */
export function hueOf(red: number, green: number, blue: number, high: number, low: number): number {
  const range = high - low;
  if (range === 0) return 0;
  let hue: number;
  if (high === red) hue = (30 * (green - blue)) / range;
  else if (high === green) hue = 60 + (30 * (blue - red)) / range;
  else hue = 120 + (30 * (red - green)) / range;
  return hue < 0 ? hue + 180 : hue;
}

/** RGB of a hue in [0, 180) whose largest channel is `high` and whose smallest is `high − range`. */
export function fromHue(out: Float64Array, hue: number, high: number, range: number): void {
  const sixths = hue / 30;
  out[0] = high - range * paleness(sixths + 3);
  out[1] = high - range * paleness(sixths + 1);
  out[2] = high - range * paleness(sixths - 1);
}

/** 0 within a sixth of the circle around 3, the channel's own hue, 1 beyond two sixths; for −1 ≤ t < 9. */
function paleness(t: number): number {
  const around = Math.abs((t >= 6 ? t - 6 : t < 0 ? t + 6 : t) - 3);
  return around <= 1 ? 0 : around >= 2 ? 1 : around - 1;
}

// sRGB's white, D65.
const whiteX = 0.950456;
const whiteZ = 1.088754;
const whiteU = (4 * whiteX) / (whiteX + 15 + 3 * whiteZ);
const whiteV = 9 / (whiteX + 15 + 3 * whiteZ);

function toXyz(out: Float64Array, red: number, green: number, blue: number): void {
  const [r, g, b] = [linear(red / 255), linear(green / 255), linear(blue / 255)];
  out[0] = 0.412453 * r + 0.35758 * g + 0.180423 * b;
  out[1] = 0.212671 * r + 0.71516 * g + 0.072169 * b;
  out[2] = 0.019334 * r + 0.119193 * g + 0.950227 * b;
}

function fromXyz(out: Float64Array, x: number, y: number, z: number): void {
  out[0] = 255 * encoded(3.240479 * x - 1.53715 * y - 0.498535 * z);
  out[1] = 255 * encoded(-0.969256 * x + 1.875991 * y + 0.041556 * z);
  out[2] = 255 * encoded(0.055648 * x - 0.204043 * y + 1.057311 * z);
}

/** sRGB to linear light. */
function linear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : power((value + 0.055) / 1.055, 2.4);
}

function encoded(value: number): number {
  return value <= 0.0031308 ? 12.92 * value : 1.055 * power(value, 1 / 2.4) - 0.055;
}

/** CIE 1976: a cube root with a straight start. */
function lightnessCurve(t: number): number {
  return t > 0.008856 ? power(t, 1 / 3) : 7.787 * t + 16 / 116;
}

function inverseCurve(f: number): number {
  return f > 0.2068966 ? f * f * f : (f - 16 / 116) / 7.787;
}

/** x^y for x > 0 with the same bits everywhere. */
function power(x: number, y: number): number {
  return exp(y * ln(x));
}
