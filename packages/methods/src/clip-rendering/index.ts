export { type ClipRenderingOptions, clipRendering, clipRenderingPrompts } from './clip-rendering.js';
