import { DownloadError } from '../errors.js';

export interface HubClientOptions {
  readonly endpoint: string;
  readonly fetch: typeof globalThis.fetch;
  readonly token?: string;
  readonly retries: number;
  readonly stallMilliseconds: number;
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** Something that may be better the next time. */
export class PassingFailure extends Error {
  constructor(
    message: string,
    readonly retryAfterMilliseconds = 0,
    readonly status?: number,
  ) {
    super(message);
  }
}

/** Asks a hub, again and again where that may help, and says what to do where it does not. */
export class HubClient {
  constructor(private readonly options: HubClientOptions) {}

  get signal(): AbortSignal | undefined {
    return this.options.signal;
  }

  url(path: string): string {
    return this.options.endpoint.replace(/\/+$/, '') + path;
  }

  /**
   * Repeats `attempt` after a passing failure, later each time. `progress` counts what attempts have achieved: one that
   * brought 1 MiB more than any before it is no failure in vain.
   *
   * @throws {@link DownloadError} when the attempts are used up.
   */
  async retry<T>(where: string, attempt: () => Promise<T>, progress = () => 0): Promise<T> {
    const { retries, sleep, signal } = this.options;
    let failures = 0;
    let furthest = progress();
    while (true) {
      signal?.throwIfAborted();
      try {
        return await attempt();
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof PassingFailure)) throw error;
        if (progress() >= furthest + 2 ** 20) failures = 0;
        furthest = Math.max(furthest, progress());
        if (++failures > retries) {
          const hint = 'run it again to go on where it stopped, or pass offline: true for what is cached';
          throw new DownloadError(where, `${error.message} (${failures} attempts)`, hint, error.status);
        }
        const delay = Math.max(1000 * 2 ** (failures - 1), error.retryAfterMilliseconds);
        await sleep(Math.min(delay, maxDelayMilliseconds), signal);
      }
    }
  }

  /**
   * One request.
   *
   * @param expected - Statuses to return; for others it throws, {@link PassingFailure} where asking again may help.
   */
  async request(
    where: string,
    url: string,
    init: RequestInit,
    expected: readonly number[],
  ): Promise<HubResponse> {
    const { fetch, token, signal, stallMilliseconds } = this.options;
    const stop = new AbortController();
    const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const isOwn = new URL(url).origin === new URL(this.options.endpoint).origin;
    const authorization = token && isOwn ? { Authorization: `Bearer ${token}` } : undefined;
    const headers = {
      'Accept-Encoding': 'identity',
      ...authorization,
      ...(init.headers as Record<string, string>),
    };
    const guarded = <T>(work: Promise<T>): Promise<T> =>
      withinTime(work, stallMilliseconds, () => stop.abort());
    const response = await guarded(fetch(url, { ...init, headers, signal: either }));
    if (!expected.includes(response.status)) {
      stop.abort(); // the rest of the answer is not wanted
      throw failureOf(where, response, token !== undefined);
    }
    return { response, guarded, stop: () => stop.abort() };
  }
}

/** An answer whose body is read with `guarded`, which gives up when nothing comes. */
export interface HubResponse {
  readonly response: Response;
  readonly guarded: <T>(work: Promise<T>) => Promise<T>;
  /** Ends the transfer. */
  readonly stop: () => void;
}

const maxDelayMilliseconds = 60_000;

/** Whatever the network does wrong is a passing failure, and so is silence. */
async function withinTime<T>(work: Promise<T>, milliseconds: number, onSilence: () => void): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new PassingFailure(`nothing came for ${milliseconds / 1000} s`));
      onSilence();
    }, milliseconds);
  });
  try {
    return await Promise.race([work, silence]);
  } catch (error) {
    if (error instanceof PassingFailure) throw error;
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? `: ${cause.message}` : '';
    throw new PassingFailure(`the connection failed (${message}${reason})`);
  } finally {
    clearTimeout(timer);
  }
}

function failureOf(where: string, { status, headers }: Response, hasToken: boolean): Error {
  if (status === 408 || status === 429 || status >= 500) {
    const seconds = Number(headers.get('Retry-After') ?? 0);
    return new PassingFailure(
      `the server answers with status ${status}`,
      Number.isFinite(seconds) ? 1000 * seconds : 0,
      status,
    );
  }
  const refused = status === 401 || status === 403;
  const problem = refused
    ? `the server refuses access (status ${status})`
    : `the server has no such thing (status ${status})`;
  const accept = 'accept the conditions of the model on its page';
  const hint = refused
    ? hasToken
      ? `the token gives no access: ${accept}, or use another token`
      : `pass a token, and ${accept} if it has any`
    : 'check the names of the repository, its revision and the endpoint; private repositories need a token';
  return new DownloadError(where, problem, hint, status);
}
