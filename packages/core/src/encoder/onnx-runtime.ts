import { EncoderError } from './encoder-error.js';
import type { OnnxModel } from './onnx-graph.js';

/** The part of `onnxruntime-node` and `onnxruntime-web` that is used; both packages fit as they are. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options?: Record<string, unknown>): Promise<OnnxSession>;
  };
  readonly Tensor: new <T extends keyof OnnxArrays>(
    type: T,
    data: OnnxArrays[T],
    dims: readonly number[],
  ) => OnnxTensor;
}

/** What holds the values of a type. */
export interface OnnxArrays {
  readonly float32: Float32Array;
  readonly int32: Int32Array;
  readonly bool: Uint8Array;
}

export interface OnnxSession {
  run(feeds: Record<string, OnnxTensor>): Promise<Record<string, OnnxTensor>>;
  release(): Promise<void>;
}

export interface OnnxTensor {
  readonly data: unknown;
  readonly dims: readonly number[];
}

/** Float32 values and their shape. */
export interface FloatArray {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** A model that is loaded. Runs take turns: each uses all threads, and the web runtime allows one at a time. */
export class OnnxProgram {
  private last: Promise<unknown> = Promise.resolve();
  private released: Promise<void> | undefined;

  private constructor(
    private readonly ort: OnnxRuntime,
    private readonly session: OnnxSession,
  ) {}

  /** @throws {@link EncoderError} when the runtime refuses the model. */
  static async load(
    ort: OnnxRuntime,
    { graph, externalData }: OnnxModel,
    options: Record<string, unknown> = {},
  ): Promise<OnnxProgram> {
    try {
      return new OnnxProgram(ort, await ort.InferenceSession.create(graph, { ...options, externalData }));
    } catch (cause) {
      throw failure('does not load the model', cause);
    }
  }

  /** @throws {@link EncoderError} when the runtime fails, or after {@link OnnxProgram.release}. */
  run(inputs: Readonly<Record<string, FloatArray>>): Promise<Record<string, FloatArray>> {
    if (this.released) {
      return Promise.reject(new EncoderError('encode images: the encoder is disposed; make a new one'));
    }
    const result = this.last.then(() => this.runNow(inputs));
    this.last = result.catch(() => {}); // whoever waits for the result hears of it
    return result;
  }

  /** Frees the weights once the runs under way are over. A second call changes nothing. */
  release(): Promise<void> {
    this.released ??= this.last.then(() => this.session.release());
    return this.released;
  }

  private async runNow(inputs: Readonly<Record<string, FloatArray>>): Promise<Record<string, FloatArray>> {
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, { values, shape }]) => [
        name,
        new this.ort.Tensor('float32', values, shape),
      ]),
    );
    try {
      const outputs = await this.session.run(feeds);
      return Object.fromEntries(
        Object.entries(outputs).map(([name, { data, dims }]) => [
          name,
          { values: data as Float32Array, shape: dims },
        ]),
      );
    } catch (cause) {
      throw failure('fails while it runs', cause);
    }
  }
}

function failure(what: string, cause: unknown): EncoderError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const hint = 'if memory is short, give fewer layers, smaller images, or precision int8';
  return new EncoderError(`ONNX Runtime ${what}: ${reason}; ${hint}`, { cause });
}
