export type { BrightnessSpace } from './colour-spaces.js';
export {
  type CornerPlaneOptions,
  cornerPlaneForeground,
  measuredForeground,
} from './foreground-from-depth.js';
export {
  type BackgroundBrightness,
  brightnessForeground,
  contrastForeground,
  thresholdForeground,
} from './foreground-from-rgb.js';
export { type NoiseMask, type NoiseMaskOptions, noiseMask } from './noise-mask.js';
export { type NoisePatchOptions, noisePatches, noisePatchSettings } from './noise-patches.js';
export { type NsaImage, type NsaLabelMode, type NsaMode, type NsaOptions, nsa } from './nsa.js';
export { nsaSettings } from './nsa-settings.js';
export { drawPerlinNoise, perlinNoise } from './perlin-noise.js';
export { type PoissonBlendOptions, type PoissonMode, poissonBlend } from './poisson-blend.js';
export type { SyntheticImage } from './synthetic-image.js';
export {
  overlayTexture,
  type TextureOverlay,
  type TextureOverlayOptions,
  type TextureSource,
} from './texture-overlay.js';
