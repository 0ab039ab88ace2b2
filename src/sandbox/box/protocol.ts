/** What the host asks of the agent inside a box. `exec` carries stdin as its body, `write` the file. */
export type BoxRequest =
  | {
      readonly type: 'init'
      readonly home: string
      readonly env: Readonly<Record<string, string>>
      /** Unique on this machine; marks everything that runs for this box. */
      readonly boxId: string
      /** Alone in a process namespace: whatever is there belongs to the box. */
      readonly confined: boolean
      /** Unix socket of the host's egress proxy, and the TCP port to offer it on inside. */
      readonly relay?: { readonly socketPath: string; readonly port: number }
    }
  | {
      readonly type: 'exec'
      readonly id: number
      readonly command: string
      readonly cwd: string
      readonly env: Readonly<Record<string, string>>
      readonly timeoutMs: number
      readonly maxOutputBytes: number
      /** Send output while it happens, up to `maxOutputBytes` of each stream. */
      readonly live: boolean
    }
  | { readonly type: 'abort'; readonly id: number }
  | { readonly type: 'read'; readonly id: number; readonly path: string; readonly maxBytes: number }
  | {
      readonly type: 'inspect'
      readonly id: number
      readonly path: string
      readonly cwd: string
      readonly maxBytes: number
    }
  | { readonly type: 'write'; readonly id: number; readonly path: string }

/**
 * What comes back. `output`, `file` and `inspected` carry bytes; the body of `exit` is stdout followed by stderr.
 * It was written where untrusted code runs: the host checks every part of it.
 */
export type BoxReply =
  | { readonly type: 'ready' }
  | { readonly type: 'output'; readonly id: number; readonly stream: 'stdout' | 'stderr' }
  | {
      readonly type: 'exit'
      readonly id: number
      readonly exitCode: number
      readonly outcome: 'exited' | 'timeout' | 'aborted'
      readonly stdoutBytes: number
    }
  | { readonly type: 'file'; readonly id: number }
  | {
      readonly type: 'inspected'
      readonly id: number
      readonly root: string
      readonly path: string
      readonly kind: 'file' | 'directory' | 'missing' | 'other'
      readonly size: number
      readonly executable: boolean
      /** Whether its bytes follow. */
      readonly read: boolean
    }
  | { readonly type: 'written'; readonly id: number }
  | {
      readonly type: 'failed'
      readonly id: number
      readonly reason: 'path_not_found' | 'no_space'
      readonly text: string
    }

/** Names the command that a process belongs to; every descendant inherits it. */
export const MARKER = 'BACKSPACE_EXEC'
