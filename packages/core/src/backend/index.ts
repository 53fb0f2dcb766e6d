export {
  type Backend,
  type BackendName,
  type BackendOptions,
  type DawnModule,
  setUpBackend,
} from './backend.js';
export { BackendError } from './backend-error.js';
export { repairWasmKernels } from './wasm-kernels.js';
