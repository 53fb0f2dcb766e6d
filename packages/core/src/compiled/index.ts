export { CompileError } from './compile-error.js';
export { type CompiledGradientsOptions, compiledGradients } from './compiled-gradients.js';
