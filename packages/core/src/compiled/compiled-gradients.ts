import type * as tf from '@tensorflow/tfjs';
import type { OnnxRuntime } from '../encoder/onnx-runtime.js';
import { ArgumentError } from '../errors.js';
import type { GradientRun, GradientSource } from '../training/gradient-source.js';
import type { TrainingTask } from '../training/train.js';
import { batchParts } from './batch-parts.js';
import { CompileError } from './compile-error.js';
import { StepProgram } from './step-program.js';
import { type TracedStep, traceStep } from './traced-step.js';

export interface CompiledGradientsOptions {
  /** Threads of one step; in a browser it is `ort.env.wasm.numThreads` that counts. @defaultValue the runtime's */
  readonly threads?: number;
  /** Programs of one training that are kept, one for each kind of batch. @defaultValue 4 */
  readonly programs?: number;
  /** More options of the runtime's sessions, e.g. `executionProviders`. */
  readonly session?: Record<string, unknown>;
}

/**
 * Gradients by ONNX Runtime, several times as fast as TensorFlow.js on a CPU. The loss runs once to be recorded, its gradient
 * with it, as a graph; every step runs the graph. For that a loss has to compute all that changes from the batch's tensors
 * and the state: it must not use the step's context, nor read values. What else a batch holds is compiled in, and a batch
 * where it differs takes a program of its own.
 *
 * @param ort - `await import('onnxruntime-node')` or `await import('onnxruntime-web')`.
 * @returns For `TrainingOptions.gradients`; holds nothing between trainings.
 * @throws (in training) {@link CompileError} when a loss cannot be compiled, with the way out.
 */
export function compiledGradients(ort: OnnxRuntime, options: CompiledGradientsOptions = {}): GradientSource {
  const { threads, programs = 4, session } = options;
  for (const [name, count] of Object.entries({ threads, programs })) {
    if (count !== undefined && !(Number.isInteger(count) && count >= 1)) {
      throw new ArgumentError('compiledGradients', `a whole number of ${name} from 1`, count);
    }
  }
  const sessionOptions = {
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3, // nothing of what the optimiser leaves out
    // Threads that wait in a loop take the cores from the work they wait for, where others work on the machine too.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    ...session,
  };
  return {
    start: (task, parameters) => new CompiledRun(ort, sessionOptions, programs, task, parameters),
  };
}

interface Compiled {
  readonly program: StepProgram;
  /** What the program was made of, until a second recording has been the same. */
  unconfirmed: (Pick<TracedStep, 'foreign'> & { readonly bytes: Uint8Array }) | undefined;
}

/** So many programs without one that is used again: the batches differ in what is compiled in. */
const MOST_PROGRAMS_IN_VAIN = 16;

class CompiledRun<Batch> implements GradientRun<Batch> {
  /** By kind of batch, the one used last at the end. */
  readonly #compiled = new Map<string, Compiled>();
  #madeInVain = 0;

  constructor(
    private readonly ort: OnnxRuntime,
    private readonly session: Record<string, unknown>,
    private readonly kept: number,
    private readonly task: TrainingTask<Batch>,
    private readonly parameters: ReadonlyMap<string, tf.Variable>,
  ) {}

  async step(batch: Batch) {
    const parts = batchParts(batch);
    const known = this.#compiled.get(parts.key);
    const compiled = known ?? (await this.compile(batch, parts));
    this.#compiled.delete(parts.key);
    this.#compiled.set(parts.key, compiled);
    if (known) {
      this.#madeInVain = 0;
      this.confirm(known, batch, parts);
    }
    return compiled.program.run(this.task.state, parts.tensors);
  }

  async close(): Promise<void> {
    for (const [key] of this.#compiled) await this.release(key);
  }

  private async compile(batch: Batch, parts: ReturnType<typeof batchParts>): Promise<Compiled> {
    if (++this.#madeInVain > MOST_PROGRAMS_IN_VAIN) {
      throw new CompileError(
        `compiled training: ${MOST_PROGRAMS_IN_VAIN} batches in a row needed programs of their own; give numbers of a batch that change as tensors, and batches the same shapes`,
      );
    }
    const [oldest] = this.#compiled.keys();
    if (this.#compiled.size >= this.kept) await this.release(oldest);
    const step = traceStep(this.task, this.parameters, batch, parts);
    const program = await StepProgram.load(this.ort, step, this.session);
    return { program, unconfirmed: { bytes: step.graph.bytes(), foreign: step.foreign } };
  }

  /** Records the step once more: what the loss takes from elsewhere than batch and state shows where it differs. */
  private confirm(compiled: Compiled, batch: Batch, parts: ReturnType<typeof batchParts>): void {
    const { unconfirmed } = compiled;
    if (!unconfirmed) return;
    const { graph, foreign } = traceStep(this.task, this.parameters, batch, parts);
    const isSame =
      foreign.length === unconfirmed.foreign.length &&
      foreign.every((dataId, i) => dataId === unconfirmed.foreign[i]) &&
      sameBytes(graph.bytes(), unconfirmed.bytes);
    if (!isSame) {
      throw new CompileError(
        'compiled training: the loss was not the same in two steps: it draws numbers, or uses a tensor that is new in each; do that in batch, and give the tensors in it',
      );
    }
    compiled.unconfirmed = undefined;
  }

  private async release(key: string): Promise<void> {
    const compiled = this.#compiled.get(key);
    this.#compiled.delete(key);
    await compiled?.program.release();
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
