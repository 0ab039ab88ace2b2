/** Marks a request that may as well not be made: it never waits for a rate limit, but is refused at once. */
export const OPTIONAL_REQUEST = { request: { optional: true } } as const
