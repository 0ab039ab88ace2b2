/** A request as a stand-in meets it: before it has any effect, or when it has had it and the answer is not sent yet. */
export interface SeenRequest {
  readonly when: 'before' | 'after'
  readonly server: 'github' | 'e2b' | 'anthropic'
  readonly method: string
  /** Without `/api/v3`. */
  readonly path: string
  /** Of the caller: it identifies the process. */
  readonly remotePort: number
}

/**
 * Is called for every request, which waits for it. With `cut` the connection is broken: before the effect there is
 * none then, after it the answer is lost.
 */
export type WatchRequests = (request: SeenRequest) => Promise<'cut' | 'go on'>

export function goOn(): Promise<'go on'> {
  return Promise.resolve('go on')
}
