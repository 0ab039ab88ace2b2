import type { ExecOptions, ExecResult, Sandbox } from './sandbox.ts'

/** `exec` for a sandbox in which a request costs nothing: the next command starts as soon as the first one has ended. */
export function execWithNext(
  exec: (command: string, options: ExecOptions) => Promise<ExecResult>,
): Sandbox['exec'] {
  return async (command, { next, ...options } = {}) => {
    const result = await exec(command, options)
    if (!next || result.outcome === 'aborted') return result
    const { command: nextCommand, ...nextOptions } = next
    const following = exec(nextCommand, { ...nextOptions, signal: options.signal })
    following.catch(() => {}) // The caller need not wait for it.
    return { ...result, next: following }
  }
}
