export type { BrightnessSpace } from './colour-spaces.js';
export { type NoiseMask, type NoiseMaskOptions, noiseMask } from './noise-mask.js';
export { drawPerlinNoise, perlinNoise } from './perlin-noise.js';
export { type PoissonBlendOptions, type PoissonMode, poissonBlend } from './poisson-blend.js';
export type { SyntheticImage } from './synthetic-image.js';
export {
  overlayTexture,
  type TextureOverlay,
  type TextureOverlayOptions,
  type TextureSource,
} from './texture-overlay.js';
