export {
  type Backend,
  BackendError,
  type BackendName,
  type BackendOptions,
  type DawnModule,
  setUpBackend,
} from './backend.js';
export { repairWasmKernels } from './wasm-kernels.js';
