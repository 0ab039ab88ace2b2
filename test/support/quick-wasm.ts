/**
 * V8's flag that compiles WebAssembly once, with the quick compiler. The embedded PostgreSQL of a test answers a few hundred
 * queries: optimising it costs each process a second of a core and 70 MB, and starting another process takes five times
 * as long meanwhile. A service that lives long earns that back with queries that are a fifth faster, so `npm start` has
 * no such flag.
 */
export const QUICK_WASM = '--liftoff-only'
