import { BackspaceApiError } from './api-error.js';
export interface ClientOptions {
    /** Address of the service: `https://backspace.example`. In a browser: default, the page's own. */
    readonly url: string;
    /** API token. Without one, a browser sends the cookie of its login. */
    readonly token?: string | undefined;
    /** How long a request is tried again while the service is away or asks to wait, in milliseconds; default 120,000. */
    readonly retryForMs?: number | undefined;
    /** The wait before the second try, in milliseconds; it doubles from then on. Default 500. */
    readonly firstWaitMs?: number | undefined;
    /** A stream that is silent for longer is opened again; the service sends a comment every 15 seconds. Default 45,000. */
    readonly idleMs?: number | undefined;
    /** Called before each new try, with what went wrong and how long the client waits, in milliseconds. */
    readonly onRetry?: ((error: BackspaceApiError, waitMs: number) => void) | undefined;
    /** In place of the platform's own. */
    readonly fetch?: typeof fetch | undefined;
}
export interface ApiRequest {
    readonly method?: 'GET' | 'POST';
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: object | undefined;
    readonly signal?: AbortSignal | undefined;
    /** False: sent twice, it would happen twice. It is then repeated only if the service said that it did nothing. */
    readonly repeatable?: boolean;
}
/**
 * Sends one request.
 *
 * @throws {BackspaceApiError} for every answer but a success; code `unreachable` without an answer.
 * @throws the signal's reason when it aborts.
 */
export declare function sendOnce(options: ClientOptions, request: ApiRequest): Promise<Response>;
/** Says how long to wait before another try, and when to give up. */
export interface RetryPlan {
    /**
     * Waits before another try.
     *
     * @throws what is given when a repeat would not help, or has been tried for long enough.
     */
    wait(error: unknown, signal: AbortSignal | undefined): Promise<void>;
    /** Something worked: the next failure is a first one. */
    reset(): void;
}
export declare function createRetryPlan({ retryForMs, firstWaitMs, onRetry, }: ClientOptions): RetryPlan;
/**
 * Sends a request until it gets a whole answer that is not passing.
 *
 * @returns the text of its body, and what `parseSent` needs to complain about it.
 */
export declare function sendPatiently(options: ClientOptions, request: ApiRequest): Promise<{
    readonly text: string;
    readonly response: Response;
}>;
/** Waits for a part of an answer: a connection whose other side vanished says nothing at all. */
export declare function inTime<T>(work: Promise<T>, { ms, late }: {
    readonly ms: number;
    readonly late: string;
}): Promise<T>;
/** @throws {BackspaceApiError} `unexpected_answer` */
export declare function parseSent(text: string, response: Response): unknown;
/** What answers is no Backspace: a page of a proxy, or another service at this address. */
export declare function unexpectedAnswer({ status, headers }: Response): BackspaceApiError;
