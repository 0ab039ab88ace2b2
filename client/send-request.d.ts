import { BackspaceApiError } from './api-error.js';
export interface ClientOptions {
    /** Address of the service: `https://backspace.example`. Default in a browser: the origin of the page. */
    readonly url: string;
    /** API token. Without one, a browser sends the cookie of its login. */
    readonly token?: string | undefined;
    /** For how long a request is retried while the service is away or asks to wait, in milliseconds. Default 120,000. */
    readonly retryForMs?: number | undefined;
    /** The wait before the second try, in milliseconds; it doubles from then on. Default 500. */
    readonly firstWaitMs?: number | undefined;
    /** After this long without data, a stream is opened again; the service sends a comment every 15 seconds. Milliseconds, default 45,000. */
    readonly idleMs?: number | undefined;
    /** Called before each retry, with the error and the wait in milliseconds. */
    readonly onRetry?: ((error: BackspaceApiError, waitMs: number) => void) | undefined;
    /** Replaces the platform's own `fetch`. */
    readonly fetch?: typeof fetch | undefined;
}
export interface ApiRequest {
    readonly method?: 'GET' | 'POST';
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: object | undefined;
    readonly signal?: AbortSignal | undefined;
    /** False if sending the request twice has its effect twice. Such a request is retried only if the service said that it did nothing. */
    readonly repeatable?: boolean;
}
/**
 * Sends one request.
 *
 * @throws {BackspaceApiError} for every answer that is not a success; with the code `unreachable` without an answer.
 * @throws the signal's reason if it aborts.
 */
export declare function sendOnce(options: ClientOptions, request: ApiRequest): Promise<Response>;
/** Decides how long to wait before a retry, and when to give up. */
export interface RetryPlan {
    /**
     * Waits before a retry.
     *
     * @throws the given error if a retry would not help, or the request has been retried for long enough.
     */
    wait(error: unknown, signal: AbortSignal | undefined): Promise<void>;
    /** Tells that a request worked, so that the next failure counts as the first. */
    reset(): void;
}
export declare function createRetryPlan({ retryForMs, firstWaitMs, onRetry, }: ClientOptions): RetryPlan;
/**
 * Sends a request until a complete answer arrives that is not a temporary failure.
 *
 * @returns the text of the body, and what `parseSent` needs for its errors.
 */
export declare function sendPatiently(options: ClientOptions, request: ApiRequest): Promise<{
    readonly text: string;
    readonly response: Response;
}>;
/** Waits for a part of an answer, with a time limit: a connection whose other side has vanished stays silent. */
export declare function inTime<T>(work: Promise<T>, { ms, late }: {
    readonly ms: number;
    readonly late: string;
}): Promise<T>;
/** @throws {BackspaceApiError} `unexpected_answer` */
export declare function parseSent(text: string, response: Response): unknown;
/** The error for an answer that does not come from Backspace, but from a proxy or another service at this address. */
export declare function unexpectedAnswer({ status, headers }: Response): BackspaceApiError;
