/**
 * Colours of a scale from 0 to 1: dark violet over red to pale yellow. Its lightness rises evenly in OKLCH (Ottosson
 * 2020), so a brighter pixel is always a higher score, also in print and for colour-blind readers.
 */
export function scoreColour(value: number): [red: number, green: number, blue: number] {
  const t = Math.min(1, Math.max(0, value));
  const lightness = 0.16 + 0.8 * t;
  const hue = ((290 + 175 * t) * Math.PI) / 180;
  // A screen cannot show every chroma at every lightness: take the most of it that it can.
  for (let chroma = 0.19 * Math.sin(Math.PI * (0.1 + 0.8 * t)); ; chroma -= 0.005) {
    const rgb = oklabToLinearRgb(lightness, chroma * Math.cos(hue), chroma * Math.sin(hue));
    if (chroma <= 0 || rgb.every((channel) => channel >= -1e-4 && channel <= 1 + 1e-4)) {
      return [toSrgb(rgb[0]), toSrgb(rgb[1]), toSrgb(rgb[2])];
    }
  }
}

function oklabToLinearRgb(lightness: number, a: number, b: number): [number, number, number] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** Linear light in [0, 1] → 8 bits as a screen takes them. */
function toSrgb(linear: number): number {
  const value = Math.min(1, Math.max(0, linear));
  const encoded = value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
  return Math.round(255 * encoded);
}
